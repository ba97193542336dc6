#include "executor/native/attention_step.h"

#include <algorithm>
#include <array>

#include "base/checked.h"

namespace ledge {
namespace {

// Rows are handed to the kernel through arrays of pointers, this many at a time.
constexpr uint32_t kCallRows = 64;

// Where a block's partials are kept: row r, span s (counted from the block's first) at [r * spans +
// s].
struct Partials {
  float* out;
  float* max;
  float* sum;
};

// Attention of one block and KV head.
class BlockAttention {
 public:
  BlockAttention(const StepContext& step, size_t layer, std::span<const uint32_t> queries,
                 QueryBlock block, uint32_t kv_head)
      : step_(step),
        layer_(step.spec.layers[layer]),
        spec_(layer_.attention),
        queries_(queries.subspan(block.begin, block.end - block.begin)),
        first_row_(block.begin),
        state_(*step.plan.sequences()[block.sequence].state),
        kv_head_(kv_head),
        heads_(spec_.heads / spec_.kv_heads),
        stride_(step.scratch.shape.value_dim) {
    first_span_ = FirstVisible(position(0)) / kSpanTokens;
    end_span_ = position(queries_.size() - 1) / kSpanTokens + 1;
  }

  uint32_t spans() const { return end_span_ - first_span_; }
  uint32_t rows() const { return static_cast<uint32_t>(queries_.size()) * heads_; }

  // Rows [begin, end) over span `span`. Rows of one column are neighbours: row = column * heads +
  // head.
  void AttendSpan(uint32_t begin, uint32_t end, uint32_t span, const Partials& partials) const;
  void MergeRow(uint32_t row, uint32_t first_kept_row, const Partials& partials,
                SpanPartial* list) const;

 private:
  uint32_t position(size_t query) const { return step_.plan.positions()[queries_[query]]; }
  uint32_t FirstVisible(uint32_t position) const {
    return spec_.window == 0 || position < spec_.window ? 0 : position - spec_.window + 1;
  }
  bool Sees(uint32_t row, uint32_t span) const {
    const uint32_t at = position(row / heads_);
    return at / kSpanTokens >= span && FirstVisible(at) / kSpanTokens <= span;
  }
  void Call(uint32_t begin, uint32_t end, uint32_t first_kept_row, uint32_t span,
            const Partials& partials) const;

  const StepContext& step_;
  const LayerSpec& layer_;
  const AttentionSpec& spec_;
  std::span<const uint32_t> queries_;
  uint32_t first_row_;  // of scratch.attended
  const SequenceState& state_;
  uint32_t kv_head_;
  uint32_t heads_;
  uint32_t stride_;
  uint32_t first_span_ = 0;
  uint32_t end_span_ = 0;
};

void BlockAttention::AttendSpan(uint32_t begin, uint32_t end, uint32_t span,
                                const Partials& partials) const {
  const uint32_t absolute = first_span_ + span;
  const uint32_t first_kept_row = begin;
  // Columns ascend, so those that see a span are neighbours.
  while (begin < end && !Sees(begin, absolute)) ++begin;
  while (begin < end && !Sees(end - 1, absolute)) --end;
  for (; begin < end; begin += std::min(kCallRows, end - begin)) {
    Call(begin, std::min(begin + kCallRows, end), first_kept_row, absolute, partials);
  }
}

void BlockAttention::Call(uint32_t begin, uint32_t end, uint32_t first_kept_row, uint32_t span,
                          const Partials& partials) const {
  const uint32_t rows = end - begin;
  std::array<const float*, kCallRows> queries;
  std::array<uint32_t, kCallRows> positions;
  std::array<uint32_t, kCallRows> visible;
  std::array<float*, kCallRows> outs;
  std::array<float, kCallRows> max;
  std::array<float, kCallRows> sum;
  const auto slot = [&](uint32_t row) {
    return uint64_t{begin + row - first_kept_row} * spans() + (span - first_span_);
  };
  for (uint32_t row = 0; row < rows; ++row) {
    const uint32_t query = (begin + row) / heads_;
    const uint32_t head = kv_head_ * heads_ + (begin + row) % heads_;
    queries[row] = step_.scratch.query + uint64_t{queries_[query]} * step_.scratch.shape.queries +
                   uint64_t{head} * spec_.key_dim;
    positions[row] = position(query);
    visible[row] = FirstVisible(positions[row]);
    outs[row] = partials.out + slot(row) * stride_;
  }
  const uint32_t last_page = positions[rows - 1] / kPageTokens;
  std::array<const std::byte*, kSpanPages> pages;
  const uint32_t first_page = span * kSpanPages;
  const uint32_t page_count = std::min(last_page - first_page + 1, kSpanPages);
  for (uint32_t page = 0; page < page_count; ++page) {
    // A page that a sliding window left behind is gone, and none of its tokens are seen.
    const bool there = HasKvPart(state_, layer_, first_page + page);
    pages[page] = there ? KvPart(step_, state_, layer_, kv_head_, first_page + page) : nullptr;
  }
  AttentionSpan call;
  call.type = GroupOf(step_, layer_).type;
  call.key_dim = spec_.key_dim;
  call.value_dim = spec_.value_dim;
  call.first_token = span * kSpanTokens;
  call.page_count = page_count;
  call.pages = pages.data();
  call.columns = rows;
  call.queries = queries.data();
  call.positions = positions.data();
  call.first_visible = spec_.window == 0 ? nullptr : visible.data();
  call.scale = spec_.scale;
  call.softcap = spec_.softcap;
  call.max = max.data();
  call.sum = sum.data();
  call.out = outs.data();
  step_.kernels.attend_span(call);
  for (uint32_t row = 0; row < rows; ++row) {
    partials.max[slot(row)] = max[row];
    partials.sum[slot(row)] = sum[row];
  }
}

void BlockAttention::MergeRow(uint32_t row, uint32_t first_kept_row, const Partials& partials,
                              SpanPartial* list) const {
  const uint32_t query = row / heads_;
  const uint32_t head = kv_head_ * heads_ + row % heads_;
  const uint32_t at = position(query);
  // Only spans the row sees: what its neighbours need is not part of its sum.
  const uint32_t first = FirstVisible(at) / kSpanTokens - first_span_;
  const uint32_t count = at / kSpanTokens - first_span_ + 1 - first;
  for (uint32_t i = 0; i < count; ++i) {
    const uint64_t slot = uint64_t{row - first_kept_row} * spans() + first + i;
    list[i] = {partials.max[slot], partials.sum[slot], partials.out + slot * stride_};
  }
  float* out = step_.scratch.attended +
               uint64_t{first_row_ + query} * step_.scratch.shape.attended +
               uint64_t{head} * spec_.value_dim;
  step_.kernels.merge_spans(list, count, spec_.value_dim, out);
}

// A whole block by one thread, as many rows at a time as its partials have room for.
void AttendWhole(const StepContext& step, Worker& worker, const BlockAttention& block) {
  const ThreadScratch& mine = step.mine(worker);
  const Partials partials{mine.partials, mine.partial_max, mine.partial_sum};
  const uint64_t room = step.scratch.shape.partial_floats() /
                        (uint64_t{step.scratch.shape.value_dim} * block.spans());
  const uint32_t at_once = static_cast<uint32_t>(std::clamp<uint64_t>(room, 1, block.rows()));
  for (uint32_t begin = 0; begin < block.rows(); begin += at_once) {
    const uint32_t end = std::min(begin + at_once, block.rows());
    for (uint32_t span = 0; span < block.spans(); ++span) {
      if (worker.abandoned()) return;
      block.AttendSpan(begin, end, span, partials);
    }
    for (uint32_t row = begin; row < end; ++row) block.MergeRow(row, begin, partials, mine.merge);
  }
}

// The step's blocks and KV heads where spans are shared out: block and head of each, and where its
// partials begin. Few by definition, so that every thread can walk over them.
struct SplitPlan {
  bool split = false;
  uint32_t items = 0;  // (block, KV head, span)
};

SplitPlan PlanSplit(const StepContext& step, const Worker& worker, size_t layer,
                    std::span<const uint32_t> queries, std::span<const QueryBlock> blocks) {
  constexpr uint32_t kBlocksPerThread = 4;
  const AttentionSpec& spec = step.spec.layers[layer].attention;
  const uint64_t whole = blocks.size() * spec.kv_heads;
  SplitPlan plan;
  if (worker.threads() == 1 || whole >= kBlocksPerThread * static_cast<uint64_t>(worker.threads()))
    return plan;
  uint64_t entries = 0;
  for (const QueryBlock& block : blocks) {
    const BlockAttention attention(step, layer, queries, block, 0);
    plan.items += attention.spans() * spec.kv_heads;
    entries += uint64_t{attention.spans()} * attention.rows() * spec.kv_heads;
  }
  plan.split = plan.items > whole && entries <= step.scratch.partial_entries &&
               entries * step.scratch.shape.value_dim <= step.scratch.partial_floats;
  return plan;
}

// Calls fn(attention, item's span, its partials) for item `item` of a split.
template <typename F>
void WithSplitItem(const StepContext& step, size_t layer, std::span<const uint32_t> queries,
                   std::span<const QueryBlock> blocks, uint32_t item, F&& fn) {
  const AttentionSpec& spec = step.spec.layers[layer].attention;
  uint64_t entry = 0;
  for (const QueryBlock& block : blocks) {
    for (uint32_t kv_head = 0; kv_head < spec.kv_heads; ++kv_head) {
      const BlockAttention attention(step, layer, queries, block, kv_head);
      if (item < attention.spans()) {
        const Partials partials{step.scratch.partials + entry * step.scratch.shape.value_dim,
                                step.scratch.partial_max + entry, step.scratch.partial_sum + entry};
        fn(attention, item, partials);
        return;
      }
      item -= attention.spans();
      entry += uint64_t{attention.spans()} * attention.rows();
    }
  }
}

void AttendSplit(const StepContext& step, Worker& worker, size_t layer,
                 std::span<const uint32_t> queries, std::span<const QueryBlock> blocks,
                 uint32_t items) {
  WorkRange range;
  while (worker.Take(items, 1, range)) {
    WithSplitItem(step, layer, queries, blocks, range.begin,
                  [](const BlockAttention& block, uint32_t span, const Partials& partials) {
                    block.AttendSpan(0, block.rows(), span, partials);
                  });
  }
  worker.EndPhase(items);
  // The item of a block's first span stands for its rows.
  while (worker.Take(items, 1, range)) {
    WithSplitItem(step, layer, queries, blocks, range.begin,
                  [&](const BlockAttention& block, uint32_t span, const Partials& partials) {
                    if (span != 0) return;
                    for (uint32_t row = 0; row < block.rows(); ++row) {
                      block.MergeRow(row, 0, partials, step.mine(worker).merge);
                    }
                  });
  }
  worker.EndPhase(items);
}

}  // namespace

void AttendLayer(const StepContext& step, Worker& worker, size_t layer,
                 std::span<const uint32_t> queries, std::span<const QueryBlock> blocks) {
  const SplitPlan split = PlanSplit(step, worker, layer, queries, blocks);
  if (split.split) {
    AttendSplit(step, worker, layer, queries, blocks, split.items);
    return;
  }
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
