#include "executor/native/attention_step.h"

#include "executor/native/attention_block.h"
#include "executor/native/attention_split.h"

namespace ledge {
void AttendLayer(const StepContext& step, Worker& worker, size_t layer,
                 std::span<const uint32_t> queries, const BlockList& list) {
  const SplitPlan split = PlanSplit(step, worker.threads(), layer, queries, list);
  if (split.split) {
    AttendSplit(step, worker, layer, queries, list, split);
    return;
  }
  const std::span<const QueryBlock> blocks = list.blocks;
  const uint32_t kv_heads = step.spec.layers[layer].attention.kv_heads;
  const uint32_t items = static_cast<uint32_t>(blocks.size()) * kv_heads;
  WorkRange range;
  // Late blocks of a prompt see the most tokens: they go first, so that the phase does not end on
  // one.
  while (worker.Take(items, 1, range)) {
    const uint32_t item = items - 1 - range.begin;
    AttendWhole(step, worker,
                BlockAttention(step, layer, queries, blocks[item / kv_heads], item % kv_heads));
  }
  worker.EndPhase(items);
}

}  // namespace ledge
