// Attention of one block and KV head: the unit that attention_step.h shares out.
#pragma once

#include <array>
#include <span>

#include "executor/native/step_context.h"

namespace ledge {

// Where a block's partials are kept: row r, span s (counted from the block's first) at [r * spans +
// s], `out` with scratch.shape.value_dim floats each.
struct Partials {
  float* out;
  float* max;
  float* sum;
};

// Collects rows and hands them to the kernel, kCallRows at a time. All see the same pages of one
// span, whosever they are.
class SpanCall {
 public:
  // Of `state`'s pages; `span` counts from the sequence's begin.
  SpanCall(const StepContext& step, const LayerSpec& layer, const SequenceState& state,
           uint32_t kv_head, uint32_t span)
      : step_(step), layer_(layer), state_(state), kv_head_(kv_head), span_(span) {}
  ~SpanCall() { Flush(); }
  SpanCall(const SpanCall&) = delete;
  SpanCall& operator=(const SpanCall&) = delete;

  // The row's partial goes to entry `slot` of `partials`.
  void Add(const float* query, uint32_t position, uint32_t first_visible, const Partials& partials,
           uint64_t slot);

 private:
  static constexpr uint32_t kCallRows = 64;
  void Flush();

  const StepContext& step_;
  const LayerSpec& layer_;
  const SequenceState& state_;
  uint32_t kv_head_;
  uint32_t span_;
  uint32_t rows_ = 0;
  uint32_t last_position_ = 0;
  std::array<const float*, kCallRows> queries_;
  std::array<uint32_t, kCallRows> positions_;
  std::array<uint32_t, kCallRows> visible_;
  std::array<float*, kCallRows> outs_;
  std::array<float*, kCallRows> max_to_;
  std::array<float*, kCallRows> sum_to_;
};

class BlockAttention {
 public:
  BlockAttention(const StepContext& step, size_t layer, std::span<const uint32_t> queries,
                 QueryBlock block, uint32_t kv_head);

  uint32_t spans() const { return end_span_ - first_span_; }
  uint32_t rows() const { return static_cast<uint32_t>(queries_.size()) * heads_; }
  const LayerSpec& layer() const { return layer_; }
  const SequenceState& state() const { return state_; }

  // Adds rows [begin, end) that see span `span` (counted from the block's first) to the call.
  // `first_kept_row` is the row at the partials' begin. Rows of one column are neighbours: row =
  // column * heads + head.
  void AddRows(SpanCall& call, uint32_t begin, uint32_t end, uint32_t first_kept_row, uint32_t span,
               const Partials& partials) const;
  // AddRows to a call of their own.
  void AttendSpan(uint32_t begin, uint32_t end, uint32_t span, const Partials& partials) const;
  void MergeRow(uint32_t row, uint32_t first_kept_row, const Partials& partials,
                SpanPartial* list) const;

 private:
  // The last one that the query sees.
  uint32_t position(size_t query) const {
    return step_.spec.encoder ? last_position_ : step_.plan.positions()[queries_[query]];
  }
  uint32_t FirstVisible(uint32_t position) const {
    return spec_.window == 0 || position < spec_.window ? 0 : position - spec_.window + 1;
  }
  bool Sees(uint32_t row, uint32_t span) const {
    const uint32_t at = position(row / heads_);
    return at / kSpanTokens >= span && FirstVisible(at) / kSpanTokens <= span;
  }

  const StepContext& step_;
  const LayerSpec& layer_;
  const AttentionSpec& spec_;
  std::span<const uint32_t> queries_;
  uint32_t first_row_;  // of scratch.attended
  const SequenceState& state_;
  uint32_t kv_head_;
  uint32_t heads_;
  uint32_t stride_;
  uint32_t last_position_;  // of the sequence, this step's columns included
  uint32_t first_span_ = 0;
  uint32_t end_span_ = 0;
};

// A whole block by one thread, as many rows at a time as its own partials have room for. Unfinished
// where the step is given up.
void AttendWhole(const StepContext& step, Worker& worker, const BlockAttention& block);

}  // namespace ledge
