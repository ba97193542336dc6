// Measures how fast a model runs: prefill and decode, one or several streams.
//
//   pp<P>   P random tokens into an empty sequence, logits of the last one
//   tg<N>   N decode steps of S sequences at once; the rate counts all of them together
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "executor/executor.h"
#include "os/os.h"

namespace ledge {

struct SpeedTest {
  std::string name;  // "pp512", "tg128"
  uint32_t streams = 1;
  uint32_t prompt = 0;    // tokens in each sequence before the clock starts
  uint32_t measured = 0;  // prefill tokens, or decode steps
  bool decode = false;
  bool shared = false;  // the streams have the prompt in common, as one system prompt's sessions do
};

struct SpeedRun {
  double seconds = 0;
  double tokens_per_second = 0;
};

// Tokens that one run keeps in the cache at most (where streams share, each counts for itself).
uint64_t TokensNeeded(const SpeedTest& test);

// One run; sequences are made and removed by it. kInterrupted where the flag ended it.
Result<SpeedRun> RunSpeedTest(Os& os, Executor& executor, const SpeedTest& test,
                              const StopFlag& stop);

struct Spread {
  double min = 0;
  double median = 0;
  double max = 0;
};
// `values` must not be empty.
Spread SpreadOf(std::vector<double> values);

}  // namespace ledge
