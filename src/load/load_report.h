// What a load test saw, summed up.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "load/chat_wire.h"

namespace ledge {

// One request. Times count from when it was due: in an open loop a request that had to wait for its
// turn in the client waited all the same.
struct RequestOutcome {
  int status = 0;     // HTTP's; 0: there was no answer
  std::string error;  // empty: it was answered whole
  std::chrono::nanoseconds to_first{0};
  std::chrono::nanoseconds total{0};
  std::vector<std::chrono::nanoseconds> gaps;  // between pieces of text
  uint64_t pieces = 0;                         // of text
  std::optional<ChatUsage> usage;
};

// Seconds, by nearest rank; zeros where there is nothing.
struct TimeSpread {
  uint64_t count = 0;
  double p50 = 0, p95 = 0, p99 = 0, max = 0;
};

struct LoadReport {
  uint64_t requests = 0;  // finished, either way
  uint64_t failed = 0;
  uint64_t answered = 0;                     // by HTTP, whatever the status
  std::map<std::string, uint64_t> failures;  // what went wrong, how often
  double seconds = 0;
  double requests_per_second = 0;  // answered whole
  TimeSpread to_first;             // first piece of text
  TimeSpread gap;                  // between pieces of text
  TimeSpread total;
  ChatUsage tokens;  // summed; where the server did not count, pieces stand for the answer's tokens
  uint64_t without_usage = 0;  // answers that the server did not count
  double completion_tokens_per_second = 0;
};

LoadReport SumUp(const std::vector<RequestOutcome>& outcomes, std::chrono::nanoseconds duration);

}  // namespace ledge
