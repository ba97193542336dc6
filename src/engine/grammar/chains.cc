#include "engine/grammar/chains.h"

#include <algorithm>

namespace ledge::grammar {
namespace {

constexpr size_t kMaxCandidates = 4;
constexpr int kMaxPasses = 16;

class Rows {
 public:
  explicit Rows(const Automaton& automaton)
      : automaton_(automaton), links_(automaton.size()), chains_(automaton.size()) {
    FindNullable();
    for (StateId state = 0; state < automaton.size(); ++state) links_[state] = LinkOf(state);
  }

  std::vector<Chain> Take() {
    std::vector<bool> done(chains_.size(), false);
    std::vector<StateId> path;
    for (StateId state = 0; state < chains_.size(); ++state) {
      for (StateId at = state; !done[at]; at = links_[at].next) {
        done[at] = true;  // also where a circle comes back
        if (links_[at].next == kNone) break;
        path.push_back(at);
      }
      for (; !path.empty(); path.pop_back()) Settle(path.back());
    }
    return std::move(chains_);
  }

 private:
  // The next state of the row, and the one behind it.
  struct Link {
    StateId next = kNone;
    StateId behind = kNone;
  };

  void Settle(StateId state) {
    const Link link = links_[state];
    const bool goes_on = links_[link.next].next == link.behind && chains_[link.next].left > 0;
    chains_[state] = goes_on ? Chain{chains_[link.next].row, chains_[link.next].left + 1}
                             : Chain{(uint64_t{link.next} + 1) << 32 | link.behind, 1};
  }

  // Which rules may be empty; taken to be where that isn't settled soon.
  void FindNullable() {
    nullable_.assign(automaton_.size(), false);
    bool changed = true;
    for (int pass = 0; changed && pass < kMaxPasses; ++pass) {
      changed = false;
      for (StateId state = 0; state < automaton_.size(); ++state) {
        if (nullable_[state] || !IsNullable(state)) continue;
        nullable_[state] = true;
        changed = true;
      }
    }
    if (changed) nullable_.assign(automaton_.size(), true);
  }
  bool IsNullable(StateId state) const {
    return automaton_.state(state).final ||
           std::ranges::any_of(automaton_.calls(state), [this](const CallEdge& call) {
             return nullable_[call.start] && (call.back == kNone || nullable_[call.back]);
           });
  }

  // States that every way to takes a byte.
  std::vector<StateId> Candidates(StateId state) const {
    std::vector<StateId> found;
    const auto add = [&](StateId target) {
      if (target != state && target != kNone && std::ranges::find(found, target) == found.end())
        found.push_back(target);
    };
    for (const ByteEdge& edge : automaton_.bytes(state)) add(edge.target);
    for (const CallEdge& call : automaton_.calls(state)) add(call.back);
    for (const CallEdge& call : automaton_.calls(state)) {
      if (nullable_[call.start]) std::erase(found, call.back);
    }
    if (found.size() > kMaxCandidates) found.clear();
    return found;
  }

  Link LinkOf(StateId state) const {
    for (const StateId next : Candidates(state)) {
      for (const StateId behind : Candidates(next)) {
        if (SameShape(state, next, behind)) return {next, behind};
      }
    }
    return {};
  }

  // Whether `next` does to `behind` what `state` does to `next`, and the same in all else.
  bool SameShape(StateId state, StateId next, StateId behind) const {
    const auto fits = [&](StateId a, StateId b) { return a == b || (a == next && b == behind); };
    return automaton_.state(state).final == automaton_.state(next).final &&
           automaton_.state(state).need == automaton_.state(next).need &&
           std::ranges::equal(automaton_.bytes(state), automaton_.bytes(next),
                              [&](const ByteEdge& a, const ByteEdge& b) {
                                return a.first == b.first && a.last == b.last &&
                                       fits(a.target, b.target);
                              }) &&
           std::ranges::equal(automaton_.calls(state), automaton_.calls(next),
                              [&](const CallEdge& a, const CallEdge& b) {
                                return a.start == b.start && fits(a.back, b.back);
                              });
  }

  const Automaton& automaton_;
  std::vector<bool> nullable_;
  std::vector<Link> links_;
  std::vector<Chain> chains_;
};

}  // namespace

std::vector<Chain> ChainsOf(const Automaton& automaton) { return Rows(automaton).Take(); }

}  // namespace ledge::grammar
