// Which queries of a step read the same pages of KV cache: sequences that were forked from one
// another, or took the same cached prefix.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/sequence_state.h"

namespace ledge {

// Queries that are attended together: columns of one sequence with ascending positions.
struct QueryBlock {
  uint32_t sequence = 0;  // index in StepPlan::sequences
  uint32_t begin = 0;     // in the list of queries (all columns, or the wanted ones)
  uint32_t end = 0;
};

// Two or more blocks whose sequences have their first `spans` whole spans of pages in common, all
// behind every query.
struct SharedRun {
  uint32_t begin = 0;  // in SharedPages::order
  uint32_t end = 0;
  uint32_t spans = 0;
};

inline constexpr uint32_t kNoRun = UINT32_MAX;

// Of one layer group.
struct SharedPages {
  std::span<const SharedRun> runs;
  std::span<const uint32_t> order;   // blocks, those of a run side by side
  std::span<const uint32_t> run_of;  // a block's, or kNoRun

  uint32_t spans_of(size_t block) const {
    return runs.empty() || run_of[block] == kNoRun ? 0 : runs[run_of[block]].spans;
  }
};

// The blocks of a step. Reused from step to step.
class BlockList {
 public:
  std::vector<QueryBlock> blocks;

  void Clear();
  // `states`: by QueryBlock::sequence; `first_positions`: of each block's first query. Until Clear.
  void FindShared(std::span<const SequenceState* const> states,
                  std::span<const uint32_t> first_positions);
  // Without runs where FindShared was not called.
  SharedPages shared(size_t group) const;

 private:
  struct OfGroup {
    std::vector<SharedRun> runs;
    std::vector<uint32_t> order;
    std::vector<uint32_t> run_of;
  };
  void FindInGroup(size_t group, std::span<const SequenceState* const> states,
                   std::span<const uint32_t> first_positions, OfGroup& out) const;

  std::vector<OfGroup> groups_;
};

}  // namespace ledge
