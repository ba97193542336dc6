#include "executor/native/attention_split.h"

#include "executor/native/attention_block.h"

namespace ledge {
namespace {

// What AttendSplit's tickets are, in order: of every run of blocks with common pages (KV head,
// common span); of every block (KV head, span of its own).
class Items {
 public:
  Items(const StepContext& step, size_t layer, std::span<const uint32_t> queries,
        const BlockList& blocks)
      : step_(step),
        layer_(layer),
        queries_(queries),
        blocks_(blocks),
        spec_(step.spec.layers[layer].attention),
        shared_(spec_.window == 0 ? blocks.shared(step.spec.layers[layer].cache_group)
                                  : SharedPages()) {}

  bool any_shared() const { return !shared_.runs.empty(); }

  BlockAttention Block(size_t block, uint32_t kv_head) const {
    return BlockAttention(step_, layer_, queries_, blocks_.blocks[block], kv_head);
  }
  // Beside blocks with common pages, others are done whole: their partials might not fit.
  bool Whole(size_t block) const { return any_shared() && shared_.run_of[block] == kNoRun; }
  // A block's first partial, for its first KV head.
  template <typename F>
  void ForBlocks(F&& fn) const {
    uint64_t entry = 0;
    for (size_t block = 0; block < blocks_.blocks.size(); ++block) {
      const BlockAttention attention = Block(block, 0);
      if (!fn(block, attention, entry)) return;
      if (!Whole(block)) entry += EntriesOfHead(attention) * spec_.kv_heads;
    }
  }
  static uint64_t EntriesOfHead(const BlockAttention& block) {
    return uint64_t{block.spans()} * block.rows();
  }
  Partials At(uint64_t entry) const {
    return {step_.scratch.partials + entry * step_.scratch.shape.value_dim,
            step_.scratch.partial_max + entry, step_.scratch.partial_sum + entry};
  }

  // Tickets of one KV head of a block, beside its run's.
  uint32_t OwnItems(size_t block, const BlockAttention& attention) const {
    return Whole(block) ? 1 : attention.spans() - shared_.spans_of(block);
  }
  uint32_t Count() const {
    uint32_t count = 0;
    for (const SharedRun& run : shared_.runs) count += run.spans * spec_.kv_heads;
    ForBlocks([&](size_t block, const BlockAttention& attention, uint64_t) {
      count += OwnItems(block, attention) * spec_.kv_heads;
      return true;
    });
    return count;
  }
  uint64_t Entries() const {
    uint64_t entries = 0;
    ForBlocks([&](size_t block, const BlockAttention& attention, uint64_t) {
      if (!Whole(block)) entries += EntriesOfHead(attention) * spec_.kv_heads;
      return true;
    });
    return entries;
  }

  void Attend(Worker& worker, uint32_t item) const {
    for (const SharedRun& run : shared_.runs) {
      const uint32_t count = run.spans * spec_.kv_heads;
      if (item < count) return AttendRun(run, item / run.spans, item % run.spans);
      item -= count;
    }
    ForBlocks([&](size_t block, const BlockAttention& attention, uint64_t entry) {
      const uint32_t own = OwnItems(block, attention);
      if (item >= own * spec_.kv_heads) {
        item -= own * spec_.kv_heads;
        return true;
      }
      const uint32_t kv_head = item / own;
      const BlockAttention mine = Block(block, kv_head);
      if (Whole(block)) {
        AttendWhole(step_, worker, mine);
      } else {
        mine.AttendSpan(0, mine.rows(), shared_.spans_of(block) + item % own,
                        At(entry + kv_head * EntriesOfHead(attention)));
      }
      return false;
    });
  }

  void Merge(uint32_t item, SpanPartial* list) const {
    const size_t wanted = item / spec_.kv_heads;
    if (Whole(wanted)) return;
    const uint32_t kv_head = item % spec_.kv_heads;
    ForBlocks([&](size_t block, const BlockAttention& attention, uint64_t entry) {
      if (block != wanted) return true;
      const BlockAttention mine = Block(block, kv_head);
      const Partials partials = At(entry + kv_head * EntriesOfHead(attention));
      for (uint32_t row = 0; row < mine.rows(); ++row) mine.MergeRow(row, 0, partials, list);
      return false;
    });
  }

 private:
  // All queries of a run's blocks over one span of the pages they have in common.
  void AttendRun(const SharedRun& run, uint32_t kv_head, uint32_t span) const {
    const auto members = shared_.order.subspan(run.begin, run.end - run.begin);
    SpanCall call(step_, step_.spec.layers[layer_], Block(members[0], kv_head).state(), kv_head,
                  span);
    ForBlocks([&](size_t block, const BlockAttention& attention, uint64_t entry) {
      if (shared_.run_of[block] != &run - shared_.runs.data()) return true;
      const BlockAttention mine = Block(block, kv_head);
      mine.AddRows(call, 0, mine.rows(), 0, span, At(entry + kv_head * EntriesOfHead(attention)));
      return true;
    });
  }

  const StepContext& step_;
  size_t layer_;
  std::span<const uint32_t> queries_;
  const BlockList& blocks_;
  const AttentionSpec& spec_;
  SharedPages shared_;
};

}  // namespace

SplitPlan PlanSplit(const StepContext& step, int threads, size_t layer,
                    std::span<const uint32_t> queries, const BlockList& blocks) {
  constexpr uint32_t kBlocksPerThread = 4;
  const AttentionSpec& spec = step.spec.layers[layer].attention;
  const uint64_t whole = blocks.blocks.size() * spec.kv_heads;
  const Items items(step, layer, queries, blocks);
  SplitPlan plan;
  const bool few = threads > 1 && whole < kBlocksPerThread * static_cast<uint64_t>(threads);
  if (!few && !items.any_shared()) return plan;
  plan.items = items.Count();
  const uint64_t entries = items.Entries();
  plan.split = (plan.items > whole || items.any_shared()) &&
               entries <= step.scratch.partial_entries &&
               entries * step.scratch.shape.value_dim <= step.scratch.partial_floats;
  return plan;
}

void AttendSplit(const StepContext& step, Worker& worker, size_t layer,
                 std::span<const uint32_t> queries, const BlockList& blocks,
                 const SplitPlan& plan) {
  const Items items(step, layer, queries, blocks);
  WorkRange range;
  while (worker.Take(plan.items, 1, range)) items.Attend(worker, range.begin);
  worker.EndPhase(plan.items);
  const uint32_t merges =
      static_cast<uint32_t>(blocks.blocks.size()) * step.spec.layers[layer].attention.kv_heads;
  while (worker.Take(merges, FairChunk(merges, worker.threads()), range)) {
    for (uint32_t item = range.begin; item < range.end; ++item)
      items.Merge(item, step.mine(worker).merge);
  }
  worker.EndPhase(merges);
}

}  // namespace ledge
