// Where a text stands in a grammar: the states it may be in, each with the stacks it may have, as
// one number. What every byte makes of it is computed once and remembered, so that walking over
// thousands of tokens costs a look into a table each byte.
//
// Not thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/grammar/stacks.h"

namespace ledge::grammar {

using ConfigId = uint32_t;
inline constexpr ConfigId kDead = 0;  // no text goes on from here

struct Place {
  StateId state = 0;
  StackSetId stacks = kBottom;
  bool operator==(const Place&) const = default;
};

class Configs {
 public:
  explicit Configs(const Automaton& automaton);

  // Of places in any order, states given twice being joined. kDead for none, and where there would
  // be too many (then failed() is set).
  ConfigId Make(std::vector<Place> places);
  // After one more byte.
  ConfigId Next(ConfigId from, uint8_t byte) { return RowOf(from)[byte]; }
  // The same for all bytes; stays where it is.
  using Row = std::array<ConfigId, 256>;
  const Row& RowOf(ConfigId from) {
    const auto& row = rows_[from];
    return row != nullptr ? *row : ComputeRow(from);
  }
  // Whether the text may end here.
  bool CanEnd(ConfigId id) const { return configs_[id].can_end; }
  // Whether it may be at the end of what is known (kUnknown).
  bool Escapes(ConfigId id) const { return configs_[id].escapes; }
  // The deepest that its stacks get on the shortest way to an end.
  uint32_t Reach(ConfigId id) const { return configs_[id].reach; }
  // Whether any byte may follow.
  bool GoesOn(ConfigId id) const { return !configs_[id].open.empty(); }
  // The byte that must come now; none where the text may end or has a choice.
  std::optional<uint8_t> Forced(ConfigId id) const;

  // The places as they were made, ascending by state.
  std::span<const Place> Places(ConfigId id) const { return configs_[id].places; }
  // The same configuration, to be found in `other`.
  ConfigId CopyTo(Configs& other, ConfigId id) const;

  const Automaton& automaton() const { return automaton_; }
  Stacks& stacks() { return stacks_; }
  size_t size() const { return configs_.size(); }
  uint64_t steps() const { return steps_ + stacks_.steps(); }
  // A limit was hit since it was last asked: the grammar can be read in too many ways at once.
  bool TakeFailed() { return std::exchange(failed_, false); }

 private:
  struct Config {
    std::vector<Place> places;
    // What can be got to from there without a byte, if it has edges of bytes.
    std::vector<Place> open;
    bool can_end = false;
    bool escapes = false;
    uint32_t reach = 0;
  };

  const Row& ComputeRow(ConfigId from);
  std::vector<Place> TargetsOf(const std::vector<Place>& open, uint8_t byte) const;
  ConfigId Intern(std::vector<Place> places);
  void Close(Config& config);

  const Automaton& automaton_;
  Stacks stacks_;
  std::vector<Config> configs_;
  std::vector<std::unique_ptr<const Row>> rows_;  // by id, once they are needed
  std::unordered_multimap<uint64_t, ConfigId> by_hash_;
  uint64_t steps_ = 0;
  bool failed_ = false;
};

}  // namespace ledge::grammar
