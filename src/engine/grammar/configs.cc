#include "engine/grammar/configs.h"

#include <algorithm>
#include <bitset>
#include <utility>

#include "engine/grammar/hash.h"
#include "engine/grammar/limits.h"
#include "engine/grammar/place_set.h"

namespace ledge::grammar {

Configs::Configs(const Automaton& automaton) : automaton_(automaton) {
  configs_.emplace_back();
  auto row = std::make_unique<Row>();
  row->fill(kDead);
  rows_.push_back(std::move(row));
}

ConfigId Configs::Make(std::vector<Place> places) {
  PlaceSet set(stacks_);
  std::vector<Place> work = std::move(places);
  size_t steps = 0;
  // Where a rule has come to its end and nothing else is left to it, its caller's state stands for
  // it.
  while (!work.empty()) {
    const Place place = work.back();
    work.pop_back();
    if (++steps > kMaxByteSteps || set.places().size() > kMaxPlaces) {
      failed_ = true;
      return kDead;
    }
    const State& state = automaton_.state(place.state);
    const auto entries = stacks_.Entries(place.stacks);
    if (state.only_final && !entries.empty()) {
      for (const StackEntry& entry : entries) work.push_back({entry.top, entry.below});
      if (stacks_.HasBottom(place.stacks)) set.Add(place.state, kBottom);
      if (stacks_.HasUnknown(place.stacks)) set.Add(place.state, kUnknown);
    } else if (stacks_.Depth(place.stacks) + state.need <= kMaxStackDepth) {
      set.Add(place.state, place.stacks);
    }
  }
  steps_ += steps;
  if (set.places().empty()) return kDead;
  return Intern(set.TakeSorted());
}

ConfigId Configs::Intern(std::vector<Place> places) {
  uint64_t hash = 0;
  for (const Place& place : places) hash = Mix(Mix(hash, place.state), place.stacks);
  const auto [begin, end] = by_hash_.equal_range(hash);
  for (auto it = begin; it != end; ++it) {
    if (configs_[it->second].places == places) return it->second;
  }
  if (configs_.size() > kMaxConfigs + kMaxNewConfigs) {
    failed_ = true;
    return kDead;
  }
  Config config;
  config.places = std::move(places);
  Close(config);
  const bool alive = config.can_end || config.escapes || !config.open.empty();
  const auto id = alive ? static_cast<ConfigId>(configs_.size()) : kDead;
  if (!alive) return kDead;
  configs_.push_back(std::move(config));
  rows_.emplace_back();
  by_hash_.emplace(hash, id);
  return id;
}

// Calls are entered and ended rules left until nothing new comes.
void Configs::Close(Config& config) {
  PlaceSet set(stacks_);
  for (const Place& place : config.places) set.Add(place.state, place.stacks);
  std::vector<StateId> work;
  for (const Place& place : config.places) work.push_back(place.state);
  const auto add = [&](StateId state, StackSetId stacks) {
    if (stacks_.Depth(stacks) + automaton_.state(state).need > kMaxStackDepth) return;
    if (set.Add(state, stacks)) work.push_back(state);
  };
  size_t steps = 0;
  while (!work.empty()) {
    const StateId state = work.back();
    work.pop_back();
    const StackSetId stacks = set.StacksOf(state);
    for (const CallEdge& call : automaton_.calls(state)) {
      ++steps;
      if (call.back == kNone) {
        add(call.start, stacks);
      } else if (stacks_.Depth(stacks) + automaton_.state(call.back).need <= kMaxStackDepth) {
        add(call.start, stacks_.Push(call.back, stacks));
      }
    }
    if (automaton_.state(state).final) {
      config.can_end = config.can_end || stacks_.HasBottom(stacks);
      config.escapes = config.escapes || stacks_.HasUnknown(stacks);
      const auto entries = stacks_.Entries(stacks);
      const std::vector<StackEntry> copy(entries.begin(), entries.end());
      for (const StackEntry& entry : copy) add(entry.top, entry.below);
      steps += copy.size();
    }
    if (++steps > kMaxByteSteps || set.places().size() > kMaxPlaces) {
      failed_ = true;
      break;
    }
  }
  steps_ += steps;
  for (const Place& place : set.places()) {
    const uint32_t depth = stacks_.Depth(place.stacks) + automaton_.state(place.state).need;
    config.reach = std::max(config.reach, depth);
    if (!automaton_.bytes(place.state).empty()) config.open.push_back(place);
  }
}

// Between two cuts the same edges are taken.
const Configs::Row& Configs::ComputeRow(ConfigId from) {
  const std::vector<Place> open = configs_[from].open;
  std::bitset<257> cuts;
  for (const Place& place : open) {
    for (const ByteEdge& edge : automaton_.bytes(place.state)) {
      cuts.set(edge.first);
      cuts.set(edge.last + 1u);
    }
  }
  auto row = std::make_unique<Row>();
  row->fill(kDead);
  std::vector<Place> before;
  ConfigId next = kDead;
  for (size_t byte = 0; byte < 256; ++byte) {
    if (cuts[byte]) {
      std::vector<Place> targets = TargetsOf(open, static_cast<uint8_t>(byte));
      if (targets != before) {
        next = targets.empty() ? kDead : Make(targets);
        before = std::move(targets);
      }
    }
    (*row)[byte] = next;
  }
  steps_ += open.size() + cuts.count();
  // One that could not be computed is not kept: whoever asks next is told, too.
  if (failed_) return *rows_[kDead];
  rows_[from] = std::move(row);
  return *rows_[from];
}

std::vector<Place> Configs::TargetsOf(const std::vector<Place>& open, uint8_t byte) const {
  std::vector<Place> targets;
  for (const Place& place : open) {
    for (const ByteEdge& edge : automaton_.bytes(place.state)) {
      if (edge.first <= byte && byte <= edge.last) targets.push_back({edge.target, place.stacks});
    }
    if (targets.size() > kMaxByteSteps) break;  // Make refuses them
  }
  return targets;
}

std::optional<uint8_t> Configs::Forced(ConfigId id) const {
  const Config& config = configs_[id];
  if (config.can_end || config.escapes) return std::nullopt;
  std::optional<uint8_t> only;
  for (const Place& place : config.open) {
    for (const ByteEdge& edge : automaton_.bytes(place.state)) {
      if (edge.first != edge.last || (only && *only != edge.first)) return std::nullopt;
      only = edge.first;
    }
  }
  return only;
}

ConfigId Configs::CopyTo(Configs& other, ConfigId id) const {
  std::vector<Place> places = configs_[id].places;
  for (Place& place : places) place.stacks = stacks_.CopyTo(other.stacks_, place.stacks);
  return places.empty() ? kDead : other.Make(std::move(places));
}

}  // namespace ledge::grammar
