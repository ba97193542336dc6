// A batch, checked and put in the order in which it is computed: the columns of a sequence side by
// side.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "executor/executor.h"
#include "executor/native/shared_pages.h"
#include "model/sequence_state.h"

namespace ledge {

// A sequence as the executor keeps it.
struct SequenceSlot {
  explicit SequenceSlot(SequenceState s) : state(std::move(s)) {}
  SequenceState state;
  uint64_t stamp = 0;       // of the plan that last met it
  uint32_t plan_index = 0;  // in that plan
};
using SequenceMap = std::unordered_map<SequenceId, SequenceSlot>;

struct PlanLimits {
  uint32_t max_columns = 0;
  uint32_t vocabulary = 0;
  uint32_t max_positions = 0;
  uint32_t block_columns = 1;  // of a QueryBlock, at most
};

// Reused from step to step, so that a step of a known size allocates nothing.
class StepPlan {
 public:
  struct PlannedSequence {
    SequenceState* state = nullptr;
    uint32_t first_column = 0;
    uint32_t columns = 0;
    uint32_t capacity = 0;  // of the state, before the step
  };

  // kUsage, naming the column, where the batch breaks Executor's rules. No state is changed.
  Result<void> Build(const Batch& batch, SequenceMap& slots, const PlanLimits& limits);

  // Finds the blocks that read common pages. After Build, when all pages are there.
  void FindShared();

  uint32_t columns() const { return static_cast<uint32_t>(tokens_.size()); }
  std::span<const Token> tokens() const { return tokens_; }
  std::span<const uint32_t> positions() const { return positions_; }
  // Index in sequences(), per column.
  std::span<const uint32_t> owners() const { return owners_; }
  std::span<const PlannedSequence> sequences() const { return sequences_; }

  // 0, 1, 2, ... columns() - 1.
  std::span<const uint32_t> every_column() const { return every_column_; }
  // Columns whose output is wanted, ascending.
  std::span<const uint32_t> wanted() const { return wanted_; }
  // Row i of the result comes from wanted()[row_source()[i]].
  std::span<const uint32_t> row_source() const { return row_source_; }

  // Blocks over all columns, and over wanted().
  const BlockList& blocks() const { return blocks_; }
  const BlockList& wanted_blocks() const { return wanted_blocks_; }

 private:
  Result<void> Check(const Batch& batch, SequenceMap& slots, const PlanLimits& limits);
  void Place(const Batch& batch, const SequenceMap& slots);
  void Block(uint32_t block_columns);

  uint64_t stamp_ = 0;
  std::vector<Token> tokens_;
  std::vector<uint32_t> positions_;
  std::vector<uint32_t> owners_;
  std::vector<PlannedSequence> sequences_;
  std::vector<uint32_t> every_column_;
  std::vector<uint32_t> wanted_;
  std::vector<uint32_t> row_source_;
  std::vector<uint32_t> wanted_index_;  // per column, where wanted
  std::vector<uint32_t> place_;         // column of the batch -> column of the plan
  BlockList blocks_;
  BlockList wanted_blocks_;
  std::vector<const SequenceState*> states_;  // by sequence, for FindShared
  std::vector<uint32_t> first_positions_;     // by block, for FindShared
};

}  // namespace ledge
