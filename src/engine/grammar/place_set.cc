#include "engine/grammar/place_set.h"

#include <algorithm>

namespace ledge::grammar {

Place* PlaceSet::Find(StateId state) {
  if (places_.size() <= kFew) {
    const auto found = std::ranges::find(places_, state, &Place::state);
    return found == places_.end() ? nullptr : &*found;
  }
  const auto found = index_.find(state);
  return found == index_.end() ? nullptr : &places_[found->second];
}

bool PlaceSet::Add(StateId state, StackSetId stacks) {
  if (Place* place = Find(state)) {
    const StackSetId both = stacks_.Union(place->stacks, stacks);
    if (both == place->stacks) return false;
    place->stacks = both;
    return true;
  }
  places_.push_back({state, stacks});
  if (places_.size() == kFew + 1) {
    for (size_t i = 0; i < places_.size(); ++i) index_[places_[i].state] = i;
  } else if (places_.size() > kFew) {
    index_[state] = places_.size() - 1;
  }
  return true;
}

std::vector<Place> PlaceSet::TakeSorted() {
  std::ranges::sort(places_, {}, &Place::state);
  index_.clear();
  return std::move(places_);
}

}  // namespace ledge::grammar
