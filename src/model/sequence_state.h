// What a model remembers of one sequence: a page table for each layer group and, for hybrid models,
// recurrent state. Positions [0, length) are valid. Owned by one thread at a time.
//
// A step first prepares room (Reserve, PlanStep), computes, then commits (Advance). A step that was
// abandoned commits nothing: what it wrote beyond `length` is never read and is overwritten later.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/kv_pool.h"
#include "model/recurrent_state.h"

namespace ledge {

class SequenceState {
 public:
  // One pool a layer group, in the model's order; `states` has blocks for its recurrent state, if
  // it has one.
  explicit SequenceState(std::vector<KvPool*> pools, PagePool* states = nullptr);
  SequenceState(SequenceState&&) = default;
  SequenceState& operator=(SequenceState&&) = default;

  uint32_t length() const { return length_; }

  // Makes positions [length, length + tokens) writable: allocates pages, copies a shared last page,
  // and has a block for the recurrent state behind the next step.
  // On failure (kOverBudget, kNoMemory) the state is as before.
  Result<void> Reserve(uint32_t tokens);
  // Tokens that there are pages for, in every layer group.
  uint32_t capacity() const;
  // Gives back pages beyond the first `tokens` positions and the length: takes a Reserve back.
  void ShrinkTo(uint32_t tokens);
  // Says which recurrent states the coming step has to leave (recurrent().targets()). After
  // Reserve.
  void PlanStep(uint32_t tokens) { recurrent_.Plan(length_ + tokens); }
  // Positions up to length + tokens are now valid, as is the recurrent state that PlanStep asked
  // for. Pages that a window has left behind are dropped.
  void Advance(uint32_t tokens);

  // Where this state may be cut: the largest length <= `length` that Truncate and Fork accept. Any
  // length for pure attention; a checkpoint for recurrent state; not before what a window dropped.
  uint32_t CutPoint(uint32_t length) const;
  // Forgets everything behind `length`, which must be a cut point.
  void Truncate(uint32_t length);
  // A second sequence with the same first `length` tokens (a cut point); whole pages and the
  // partial tail are shared by reference and copied when written.
  SequenceState Fork(uint32_t length) const;
  // Somebody means to cut here later: where the length is still to come, it will be a cut point.
  void Mark(uint32_t length) { recurrent_.Mark(length); }
  // Gives up what can be computed again: cut points become fewer. False if there was nothing.
  bool DropCheckpoints() { return recurrent_.DropCheckpoints(); }

  // Pages of a layer group; entry i holds tokens [i * kPageTokens, ...). Empty entries left the
  // window.
  std::span<const PageRef> pages(size_t group) const { return tables_[group]; }
  const RecurrentState& recurrent() const { return recurrent_; }
  uint64_t bytes() const;  // of all pages and blocks referred to
  size_t groups() const { return tables_.size(); }

 private:
  std::vector<KvPool*> pools_;
  std::vector<std::vector<PageRef>> tables_;
  RecurrentState recurrent_;
  uint32_t length_ = 0;
};

}  // namespace ledge
