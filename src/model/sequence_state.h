// What a model remembers of one sequence: a page table for each layer group and, for hybrid models,
// recurrent state. Positions [0, length) are valid. Owned by one thread at a time.
//
// A step first prepares room (Reserve), computes, then commits (Advance). A step that was abandoned
// commits nothing: what it wrote beyond `length` is never read and is overwritten later.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/kv_pool.h"

namespace ledge {

class SequenceState {
 public:
  // One pool a layer group, in the model's order.
  explicit SequenceState(std::vector<KvPool*> pools);
  SequenceState(SequenceState&&) = default;
  SequenceState& operator=(SequenceState&&) = default;

  uint32_t length() const { return length_; }

  // Makes positions [length, length + tokens) writable: allocates pages, copies a shared last page.
  // On failure (kOverBudget, kNoMemory) the state is as before.
  Result<void> Reserve(uint32_t tokens);
  // Tokens that there are pages for, in every layer group.
  uint32_t capacity() const;
  // Gives back pages beyond the first `tokens` positions and the length: takes a Reserve back.
  void ShrinkTo(uint32_t tokens);
  // Positions up to length + tokens are now valid. Pages that a window has left behind are dropped.
  void Advance(uint32_t tokens);

  // Where this state may be cut: the largest length <= `length` that Truncate and Fork accept. Any
  // length for pure attention; a checkpoint for recurrent state; not before what a window dropped.
  uint32_t CutPoint(uint32_t length) const;
  // Forgets everything behind `length`, which must be a cut point.
  void Truncate(uint32_t length);
  // A second sequence with the same first `length` tokens (a cut point); whole pages and the
  // partial tail are shared by reference and copied when written.
  SequenceState Fork(uint32_t length) const;

  // Pages of a layer group; entry i holds tokens [i * kPageTokens, ...). Empty entries left the
  // window.
  std::span<const PageRef> pages(size_t group) const { return tables_[group]; }
  uint64_t bytes() const;  // of all pages referred to
  size_t groups() const { return tables_.size(); }

 private:
  std::vector<KvPool*> pools_;
  std::vector<std::vector<PageRef>> tables_;
  uint32_t length_ = 0;
};

}  // namespace ledge
