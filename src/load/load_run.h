// Puts a server under load and watches: streamed chats against any server that speaks OpenAI's API.
//
// Closed loop: so many clients, each of which asks again as soon as it is answered. Open loop:
// requests come at a rate, in a Poisson process, whether or not the server keeps up, as they do
// from people; what a slow server makes wait is counted from when it was due.
//
// By libcurl's multi interface, on the calling thread alone. Proxies of the environment are not
// used: the server itself is to be measured.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "load/load_report.h"

namespace ledge {

inline constexpr uint32_t kMaxLoadClients = 1024;
inline constexpr uint64_t kMaxLoadRequests = 1'000'000;

struct LoadOptions {
  std::string url;  // http://HOST:PORT, with or without /v1
  std::string key;  // empty: none
  std::string model;
  std::vector<std::string> prompts;  // one at least
  double zipf = 0;                   // how prompts are chosen: prompt_choice.h
  std::string prefix;                // system message of all requests; empty: none
  std::string schema;                // of the answers; empty: none
  uint32_t max_tokens = 64;
  double temperature = 0;
  bool ignore_end = false;   // answers of exactly max_tokens, where the server can
  uint64_t requests = 20;    // 1..kMaxLoadRequests
  uint32_t concurrency = 4;  // 1..kMaxLoadClients; in an open loop the most at once
  double rate = 0;           // requests a second; 0: closed loop
  uint64_t seed = 1;
  std::chrono::milliseconds timeout{600'000};  // of one request
};

// How many are done, of how many; false ends the test early.
using LoadProgress = std::function<bool(uint64_t done, uint64_t total)>;

// A request that fails is part of the report, not an error. Errors: kUsage for a URL that is none,
// kMalformed for a bad schema, kInterrupted when progress said so.
Result<LoadReport> RunLoad(const LoadOptions& options, const LoadProgress& progress);

// The first model that GET /v1/models names. kUnreachable, naming the URL, without an answer.
Result<std::string> FirstModel(const LoadOptions& options);

}  // namespace ledge
