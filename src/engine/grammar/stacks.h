// Sets of stacks of states to come back to, each set kept once.
//
// A set is: may the stack be empty, and for each state that may be on top, the set of what may be
// below it. So all stacks with equal tops share them, and 2^n stacks of n states need n entries.
//
// Not thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/grammar/automaton.h"

namespace ledge::grammar {

using StackSetId = uint32_t;
// Nothing to come back to: the text may end.
inline constexpr StackSetId kBottom = 0;
// Not known here: what a state allows is looked at without its surroundings.
inline constexpr StackSetId kUnknown = 1;

struct StackEntry {
  StateId top = 0;
  StackSetId below = 0;
  bool operator==(const StackEntry&) const = default;
};

class Stacks {
 public:
  Stacks();

  // Whether the set holds the empty stack.
  bool HasBottom(StackSetId id) const { return sets_[id].bottom; }
  bool HasUnknown(StackSetId id) const { return sets_[id].unknown; }
  // Ascending by `top`.
  std::span<const StackEntry> Entries(StackSetId id) const { return sets_[id].entries; }
  uint32_t Depth(StackSetId id) const { return sets_[id].depth; }  // of its deepest stack

  // `top` upon each of `below`.
  StackSetId Push(StateId top, StackSetId below);
  StackSetId Union(StackSetId a, StackSetId b);
  // The same set where it is known to `other`.
  StackSetId CopyTo(Stacks& other, StackSetId id) const;

  size_t size() const { return sets_.size(); }
  // Calls of Union and Push so far, those they make themselves included.
  uint64_t steps() const { return steps_; }

 private:
  struct Set {
    std::vector<StackEntry> entries;
    uint32_t depth = 0;
    bool bottom = false;
    bool unknown = false;
  };
  StackSetId Intern(Set set);
  StackSetId CopyTo(Stacks& other, StackSetId id,
                    std::unordered_map<StackSetId, StackSetId>& known) const;

  std::vector<Set> sets_;
  std::unordered_multimap<uint64_t, StackSetId> by_hash_;
  std::unordered_map<uint64_t, StackSetId> unions_;
  uint64_t steps_ = 0;
};

}  // namespace ledge::grammar
