// Places while they are gathered: one a state, its stacks joined.
#pragma once

#include <unordered_map>
#include <vector>

#include "engine/grammar/configs.h"

namespace ledge::grammar {

class PlaceSet {
 public:
  explicit PlaceSet(Stacks& stacks) : stacks_(stacks) {}

  // Whether that changed anything.
  bool Add(StateId state, StackSetId stacks);
  // Of a state that is in it.
  StackSetId StacksOf(StateId state) { return Find(state)->stacks; }
  const std::vector<Place>& places() const { return places_; }
  std::vector<Place> TakeSorted();

 private:
  static constexpr size_t kFew = 8;  // up to here looking through them is fastest

  Place* Find(StateId state);

  Stacks& stacks_;
  std::vector<Place> places_;
  std::unordered_map<StateId, size_t> index_;  // of more than kFew
};

}  // namespace ledge::grammar
