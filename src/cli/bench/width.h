// Where a step turns from memory-bound to compute-bound (store/machine_width.h says who wants to
// know).
#pragma once

#include <cstdint>
#include <vector>

#include "executor/executor.h"
#include "os/os.h"

namespace ledge {

struct StepTime {
  uint32_t columns = 0;
  double seconds = 0;  // of one step, the median
};

struct WidthReport {
  uint32_t width = 0;
  std::vector<StepTime> steps;
};

// Steps of 1 to 64 columns (at most what the executor takes), all logits wanted, `repetitions`
// times each.
Result<WidthReport> MeasureWidth(Os& os, Executor& executor, int64_t repetitions,
                                 const StopFlag& stop);

// The number of columns at which what they cost to compute reaches what a step of one column costs.
// A column's own cost is the slope between the widest steps; where there is none, the widest one.
// At least 1. `steps` ascends.
uint32_t WidthOf(const std::vector<StepTime>& steps);

}  // namespace ledge
