#include "engine/grammar/stacks.h"

#include <algorithm>

#include "engine/grammar/hash.h"

namespace ledge::grammar {

Stacks::Stacks() {
  sets_.push_back({.bottom = true});
  sets_.push_back({.unknown = true});
}

StackSetId Stacks::Intern(Set set) {
  uint64_t hash = set.bottom ? 1 : set.unknown ? 2 : 3;
  for (const StackEntry& entry : set.entries) hash = Mix(Mix(hash, entry.top), entry.below);
  const auto [begin, end] = by_hash_.equal_range(hash);
  for (auto it = begin; it != end; ++it) {
    const Set& other = sets_[it->second];
    if (other.bottom == set.bottom && other.unknown == set.unknown && other.entries == set.entries)
      return it->second;
  }
  for (const StackEntry& entry : set.entries)
    set.depth = std::max(set.depth, sets_[entry.below].depth + 1);
  const auto id = static_cast<StackSetId>(sets_.size());
  sets_.push_back(std::move(set));
  by_hash_.emplace(hash, id);
  return id;
}

StackSetId Stacks::Push(StateId top, StackSetId below) {
  ++steps_;
  return Intern({.entries = {{top, below}}});
}

// Recursion is as deep as stacks are: kMaxStackDepth.
StackSetId Stacks::Union(StackSetId a, StackSetId b) {
  ++steps_;
  if (a == b) return a;
  if (a > b) std::swap(a, b);
  const uint64_t key = uint64_t{a} << 32 | b;
  if (const auto found = unions_.find(key); found != unions_.end()) return found->second;
  Set both;
  both.bottom = sets_[a].bottom || sets_[b].bottom;
  both.unknown = sets_[a].unknown || sets_[b].unknown;
  // Copies: what is made below may move sets_.
  const auto first = sets_[a].entries;
  const auto second = sets_[b].entries;
  for (size_t i = 0, j = 0; i < first.size() || j < second.size();) {
    if (j == second.size() || (i < first.size() && first[i].top < second[j].top)) {
      both.entries.push_back(first[i++]);
    } else if (i == first.size() || second[j].top < first[i].top) {
      both.entries.push_back(second[j++]);
    } else {
      both.entries.push_back({first[i].top, Union(first[i].below, second[j].below)});
      ++i;
      ++j;
    }
  }
  const StackSetId id = Intern(std::move(both));
  unions_.emplace(key, id);
  return id;
}

StackSetId Stacks::CopyTo(Stacks& other, StackSetId id) const {
  std::unordered_map<StackSetId, StackSetId> known = {{kBottom, kBottom}, {kUnknown, kUnknown}};
  return CopyTo(other, id, known);
}

StackSetId Stacks::CopyTo(Stacks& other, StackSetId id,
                          std::unordered_map<StackSetId, StackSetId>& known) const {
  if (const auto found = known.find(id); found != known.end()) return found->second;
  Set copy = {.bottom = sets_[id].bottom, .unknown = sets_[id].unknown};
  for (const StackEntry& entry : sets_[id].entries)
    copy.entries.push_back({entry.top, CopyTo(other, entry.below, known)});
  const StackSetId made = other.Intern(std::move(copy));
  known.emplace(id, made);
  return made;
}

}  // namespace ledge::grammar
