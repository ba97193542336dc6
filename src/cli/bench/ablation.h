// What each of the executor's optimisations brings: the same tests with all of them, and with one
// left out at a time. Answers are the same in every case.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/memory_budget.h"
#include "base/thread_pool.h"
#include "cli/bench/speed.h"
#include "executor/native/native_executor.h"

namespace ledge {

struct AblationSetup {
  std::shared_ptr<const Model> model;
  ThreadPool* pool = nullptr;
  MemoryBudget* budget = nullptr;
  NativeOptions options;  // with everything on
};

struct AblationRow {
  std::string without;  // "fused residual", "prefetch", "avx2 (sse41 instead)"; empty: nothing
  std::vector<std::vector<double>> rates;  // by test, tokens a second
};

// Round after round over all cases, so that a slow minute of the machine hits all alike. The first
// row is the one without nothing. `tell` is called before each case of each round. kInterrupted
// where the flag ended it.
Result<std::vector<AblationRow>> RunAblation(Os& os, const AblationSetup& setup,
                                             const std::vector<SpeedTest>& tests, int64_t rounds,
                                             const StopFlag& stop,
                                             const std::function<void(const std::string&)>& tell);

}  // namespace ledge
