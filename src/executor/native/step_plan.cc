#include "executor/native/step_plan.h"

#include <algorithm>
#include <numeric>

namespace ledge {

Result<void> StepPlan::Build(const Batch& batch, SequenceMap& slots, const PlanLimits& limits) {
  LEDGE_CHECK_OK(Check(batch, slots, limits));
  Place(batch, slots);
  Block(limits.block_columns);
  return {};
}

Result<void> StepPlan::Check(const Batch& batch, SequenceMap& slots, const PlanLimits& limits) {
  const size_t count = batch.columns.size();
  if (count == 0 || count > limits.max_columns) {
    return MakeError(Code::kUsage, "a step has {} columns; must be 1 to {}", count,
                     limits.max_columns);
  }
  ++stamp_;
  sequences_.clear();
  for (size_t i = 0; i < count; ++i) {
    const Column& column = batch.columns[i];
    const auto found = slots.find(column.sequence);
    if (found == slots.end()) {
      return MakeError(Code::kUsage, "column {}: sequence {} does not exist", i, column.sequence);
    }
    SequenceSlot& slot = found->second;
    if (slot.stamp != stamp_) {
      slot.stamp = stamp_;
      slot.plan_index = static_cast<uint32_t>(sequences_.size());
      sequences_.push_back({&slot.state, 0, 0, slot.state.capacity()});
    }
    PlannedSequence& sequence = sequences_[slot.plan_index];
    const uint64_t expected = uint64_t{slot.state.length()} + sequence.columns;
    if (column.position != expected) {
      return MakeError(Code::kUsage, "column {}: position {} of sequence {}; must be {}", i,
                       column.position, column.sequence, expected);
    }
    if (column.position >= limits.max_positions) {
      return MakeError(Code::kUsage, "column {}: position {}; must be below the context length {}",
                       i, column.position, limits.max_positions);
    }
    if (column.token < 0 || static_cast<uint32_t>(column.token) >= limits.vocabulary) {
      return MakeError(Code::kUsage, "column {}: token {}; must be below the vocabulary's size {}",
                       i, column.token, limits.vocabulary);
    }
    if (column.adapter != 0) {
      return MakeError(Code::kUsage, "column {}: adapter {} is not loaded; must be 0", i,
                       column.adapter);
    }
    ++sequence.columns;
  }
  return {};
}

void StepPlan::Place(const Batch& batch, const SequenceMap& slots) {
  uint32_t first = 0;
  for (PlannedSequence& sequence : sequences_) {
    sequence.first_column = first;
    first += sequence.columns;
    sequence.columns = 0;  // counted up again below
  }
  const size_t count = batch.columns.size();
  tokens_.resize(count);
  positions_.resize(count);
  owners_.resize(count);
  place_.resize(count);
  every_column_.resize(count);
  std::iota(every_column_.begin(), every_column_.end(), 0u);
  wanted_index_.assign(count, 0);
  for (size_t i = 0; i < count; ++i) {
    const Column& column = batch.columns[i];
    const uint32_t owner = slots.find(column.sequence)->second.plan_index;
    PlannedSequence& sequence = sequences_[owner];
    const uint32_t at = sequence.first_column + sequence.columns++;
    place_[i] = at;
    tokens_[at] = column.token;
    positions_[at] = column.position;
    owners_[at] = owner;
    wanted_index_[at] = column.want_logits ? 1 : 0;
  }
  wanted_.clear();
  for (uint32_t at = 0; at < count; ++at) {
    if (wanted_index_[at] == 0) continue;
    wanted_index_[at] = static_cast<uint32_t>(wanted_.size());
    wanted_.push_back(at);
  }
  row_source_.clear();
  for (size_t i = 0; i < count; ++i) {
    if (batch.columns[i].want_logits) row_source_.push_back(wanted_index_[place_[i]]);
  }
}

void StepPlan::Block(uint32_t block_columns) {
  blocks_.Clear();
  wanted_blocks_.Clear();
  uint32_t wanted = 0;
  for (uint32_t s = 0; s < sequences_.size(); ++s) {
    const PlannedSequence& sequence = sequences_[s];
    const uint32_t end = sequence.first_column + sequence.columns;
    for (uint32_t at = sequence.first_column; at < end; at += block_columns) {
      blocks_.blocks.push_back({s, at, std::min(at + block_columns, end)});
    }
    uint32_t wanted_end = wanted;
    while (wanted_end < wanted_.size() && wanted_[wanted_end] < end) ++wanted_end;
    for (; wanted < wanted_end; wanted += std::min(block_columns, wanted_end - wanted)) {
      wanted_blocks_.blocks.push_back({s, wanted, std::min(wanted + block_columns, wanted_end)});
    }
  }
}

void StepPlan::FindShared() {
  if (sequences_.size() < 2) return;
  states_.clear();
  for (const PlannedSequence& sequence : sequences_) states_.push_back(sequence.state);
  first_positions_.clear();
  for (const QueryBlock& block : blocks_.blocks)
    first_positions_.push_back(positions_[block.begin]);
  blocks_.FindShared(states_, first_positions_);
  first_positions_.clear();
  for (const QueryBlock& block : wanted_blocks_.blocks)
    first_positions_.push_back(positions_[wanted_[block.begin]]);
  wanted_blocks_.FindShared(states_, first_positions_);
}

}  // namespace ledge
