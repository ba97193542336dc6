// The recurrent state of one sequence: what its layers remember behind its last token, as one
// opaque block, and some of the states that it had before, so that it may be cut there.
//
// A block is never written once it is part of the state: a step reads one and writes others. So an
// abandoned step changes nothing, and forks and checkpoints share blocks by reference.
//
// Checkpoints are kept where the length is a multiple of kCheckpointTokens, thinned out evenly, and
// at the marks: lengths at which somebody means to cut. They are memory that can be done without.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/page_pool.h"

namespace ledge {

inline constexpr uint32_t kCheckpointTokens = 256;
inline constexpr size_t kMaxCheckpoints = 3;  // of those lengths
inline constexpr size_t kMaxStateMarks = 2;   // the latest

// Owned by one thread at a time.
class RecurrentState {
 public:
  // `pool`: of blocks as large as the model's state; null: it has none, and all lengths are cut
  // points.
  explicit RecurrentState(PagePool* pool) : pool_(pool) {}

  // A block for the state behind the next step; kOverBudget or kNoMemory.
  Result<void> Reserve();
  // Takes Reserve and Plan back.
  void Release();

  // The step's states: the one at `end` and those to be checkpoints before it, in order. Blocks for
  // the latter are taken where there is memory for them. After Reserve.
  struct Target {
    uint32_t length = 0;
    float* block = nullptr;
  };
  void Plan(uint32_t end);
  std::span<const Target> targets() const { return targets_; }
  // The state before the step; null: zeros.
  const float* current() const;
  // The planned step was made: its states are the sequence's.
  void Commit();

  // The largest length <= `length` with a state.
  uint32_t CutPoint(uint32_t length) const;
  // Both at a cut point.
  void Truncate(uint32_t length);
  RecurrentState Fork(uint32_t length) const;

  // A checkpoint is wanted at this length, if it is not behind.
  void Mark(uint32_t length);
  // False if there were none.
  bool DropCheckpoints();
  uint64_t bytes() const;

 private:
  struct Checkpoint {
    uint32_t length = 0;
    PageRef block;
  };
  bool marked(uint32_t length) const;
  PageRef StateAt(uint32_t length) const;
  void Keep(uint32_t length, PageRef block);
  void Thin();

  PagePool* pool_;
  uint32_t length_ = 0;
  PageRef current_;
  PageRef spare_;
  std::vector<Checkpoint> checkpoints_;  // ascending
  std::vector<uint32_t> marks_;          // the latest last
  std::vector<Target> targets_;
  std::vector<Checkpoint> fresh_;  // blocks of targets but the last
};

}  // namespace ledge
