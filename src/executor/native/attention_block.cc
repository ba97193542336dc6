#include "executor/native/attention_block.h"

#include <algorithm>

namespace ledge {
namespace {

// The keys that come after the span are on their way while it is computed; the kernel looks ahead
// within its span.
void FetchAhead(const std::byte* keys, const AttentionSpec& spec, KvType type) {
  const uint64_t bytes = KvValueOffset(type, spec.key_dim);
  for (uint64_t at = 0; at < bytes; at += 64) __builtin_prefetch(keys + at);
}

}  // namespace

void SpanCall::Add(const float* query, uint32_t position, uint32_t first_visible,
                   const Partials& partials, uint64_t slot) {
  if (rows_ == kCallRows) Flush();
  queries_[rows_] = query;
  positions_[rows_] = position;
  visible_[rows_] = first_visible;
  outs_[rows_] = partials.out + slot * step_.scratch.shape.value_dim;
  max_to_[rows_] = partials.max + slot;
  sum_to_[rows_] = partials.sum + slot;
  last_position_ = std::max(last_position_, position);
  ++rows_;
}

void SpanCall::Flush() {
  if (rows_ == 0) return;
  std::array<const std::byte*, kSpanPages> pages;
  const uint32_t first_page = span_ * kSpanPages;
  const uint32_t page_count = std::min(last_position_ / kPageTokens - first_page + 1, kSpanPages);
  for (uint32_t page = 0; page < page_count; ++page) {
    // A page that a sliding window left behind is gone, and none of its tokens are seen.
    const bool there = HasKvPart(state_, layer_, first_page + page);
    pages[page] = there ? KvPart(step_, state_, layer_, kv_head_, first_page + page) : nullptr;
  }
  const AttentionSpec& spec = layer_.attention;
  const uint32_t next = first_page + kSpanPages;
  if (next <= last_position_ / kPageTokens && HasKvPart(state_, layer_, next))
    FetchAhead(KvPart(step_, state_, layer_, kv_head_, next), spec, GroupOf(step_, layer_).type);
  std::array<float, kCallRows> max;
  std::array<float, kCallRows> sum;
  AttentionSpan call;
  call.type = GroupOf(step_, layer_).type;
  call.key_dim = spec.key_dim;
  call.value_dim = spec.value_dim;
  call.first_token = span_ * kSpanTokens;
  call.page_count = page_count;
  call.pages = pages.data();
  call.columns = rows_;
  call.queries = queries_.data();
  call.positions = positions_.data();
  call.first_visible = spec.window == 0 ? nullptr : visible_.data();
  call.scale = spec.scale;
  call.softcap = spec.softcap;
  call.max = max.data();
  call.sum = sum.data();
  call.out = outs_.data();
  step_.kernels.attend_span(call);
  for (uint32_t row = 0; row < rows_; ++row) {
    *max_to_[row] = max[row];
    *sum_to_[row] = sum[row];
  }
  rows_ = 0;
  last_position_ = 0;
}

BlockAttention::BlockAttention(const StepContext& step, size_t layer,
                               std::span<const uint32_t> queries, QueryBlock block,
                               uint32_t kv_head)
    : step_(step),
      layer_(step.spec.layers[layer]),
      spec_(layer_.attention),
      queries_(queries.subspan(block.begin, block.end - block.begin)),
      first_row_(block.begin),
      state_(*step.plan.sequences()[block.sequence].state),
      kv_head_(kv_head),
      heads_(spec_.heads / spec_.kv_heads),
      stride_(step.scratch.shape.value_dim),
      last_position_(state_.length() + step.plan.sequences()[block.sequence].columns - 1) {
  first_span_ = FirstVisible(position(0)) / kSpanTokens;
  end_span_ = position(queries_.size() - 1) / kSpanTokens + 1;
}

void BlockAttention::AddRows(SpanCall& call, uint32_t begin, uint32_t end, uint32_t first_kept_row,
                             uint32_t span, const Partials& partials) const {
  const uint32_t absolute = first_span_ + span;
  // Columns ascend, so those that see a span are neighbours.
  while (begin < end && !Sees(begin, absolute)) ++begin;
  while (begin < end && !Sees(end - 1, absolute)) --end;
  for (uint32_t row = begin; row < end; ++row) {
    const uint32_t query = row / heads_;
    const uint32_t head = kv_head_ * heads_ + row % heads_;
    const uint32_t at = position(query);
    call.Add(step_.scratch.query + uint64_t{queries_[query]} * step_.scratch.shape.queries +
                 uint64_t{head} * spec_.key_dim,
             at, FirstVisible(at), partials, uint64_t{row - first_kept_row} * spans() + span);
  }
}

void BlockAttention::AttendSpan(uint32_t begin, uint32_t end, uint32_t span,
                                const Partials& partials) const {
  SpanCall call(step_, layer_, state_, kv_head_, first_span_ + span);
  AddRows(call, begin, end, begin, span, partials);
}

void BlockAttention::MergeRow(uint32_t row, uint32_t first_kept_row, const Partials& partials,
                              SpanPartial* list) const {
  const uint32_t query = row / heads_;
  const uint32_t head = kv_head_ * heads_ + row % heads_;
  const uint32_t at = position(query);
  // Only spans the row sees: what its neighbours need is not part of its sum.
  const uint32_t first = FirstVisible(at) / kSpanTokens - first_span_;
  uint32_t count = at / kSpanTokens - first_span_ + 1 - first;
  for (uint32_t i = 0; i < count; ++i) {
    const uint64_t slot = uint64_t{row - first_kept_row} * spans() + first + i;
    list[i] = {partials.max[slot], partials.sum[slot], partials.out + slot * stride_};
  }
  // A sink is a token that has a score and no value.
  if (layer_.sinks) list[count++] = {layer_.sinks.data[head], 1, step_.scratch.zeros};
  float* out = step_.scratch.attended +
               uint64_t{first_row_ + query} * step_.scratch.shape.attended +
               uint64_t{head} * spec_.value_dim;
  step_.kernels.merge_spans(list, count, spec_.value_dim, out);
}

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

}  // namespace ledge
