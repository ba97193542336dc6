// Attention whose spans are tickets of their own: with few blocks, so that all threads have work,
// or with sequences that have pages in common, so that a span of those is read once for all of
// them. Partials of the whole step wait in memory between the spans' phase and the merging.
#pragma once

#include <span>

#include "executor/native/step_context.h"

namespace ledge {

struct SplitPlan {
  bool split = false;
  uint32_t items = 0;  // tickets of the first phase
};

// The same on every thread. Not split where the partials would not fit.
SplitPlan PlanSplit(const StepContext& step, int threads, size_t layer,
                    std::span<const uint32_t> queries, const BlockList& blocks);

// Ends its two phases.
void AttendSplit(const StepContext& step, Worker& worker, size_t layer,
                 std::span<const uint32_t> queries, const BlockList& blocks, const SplitPlan& plan);

}  // namespace ledge
