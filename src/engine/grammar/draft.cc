#include "engine/grammar/draft.h"

#include <algorithm>
#include <map>

#include "engine/grammar/limits.h"
#include "engine/grammar/nfa.h"

namespace ledge::grammar {
namespace {

using StateSet = std::vector<uint32_t>;  // of an Nfa, ascending

void Sort(StateSet& set) {
  std::ranges::sort(set);
  set.erase(std::unique(set.begin(), set.end()), set.end());
}

// The edges of one rule's states, before and after states are sets.
class Determiniser {
 public:
  Determiniser(const Nfa& nfa, Draft& draft, size_t& steps)
      : nfa_(nfa), draft_(draft), steps_(steps), seen_(nfa.states.size(), 0) {}

  // The start state.
  Result<StateId> Run() {
    const size_t before = draft_.states.size();
    const size_t limit = 2 * nfa_.states.size() + 32;
    const StateId start = IdOf({0});
    for (size_t next = 0; next < sets_.size(); ++next) {
      if (sets_.size() > limit) {
        draft_.states.resize(before);
        return Plain();
      }
      const StateSet set = sets_[next];
      AddEdges(
          set, [this](StateSet targets) { return IdOf(std::move(targets)); },
          static_cast<StateId>(before + next));
      if (steps_ > kMaxCompileSteps) return TooMuch();
    }
    return start;
  }

  static Error TooMuch() {
    return MakeError(Code::kUsage,
                     "the grammar is too much work to compile; must have fewer alternatives and "
                     "smaller repetitions");
  }

 private:
  // One state for each of the Nfa's.
  Result<StateId> Plain() {
    const auto first = static_cast<StateId>(draft_.states.size());
    draft_.states.resize(first + nfa_.states.size());
    for (uint32_t state = 0; state < nfa_.states.size(); ++state) {
      const StateSet closed = Closed({state});
      DraftState& made = draft_.states[first + state];
      for (const uint32_t member : closed) {
        made.final = made.final || member == nfa_.end;
        for (const auto& edge : nfa_.states[member].bytes)
          made.bytes.push_back({edge.first, edge.last, first + edge.target});
        for (const auto& edge : nfa_.states[member].calls)
          made.calls.push_back({edge.rule, first + edge.target});
      }
      steps_ += closed.size() + made.bytes.size();
      if (steps_ > kMaxCompileSteps) return TooMuch();
    }
    return first;
  }

  StateSet Closed(StateSet set) {
    ++round_;
    for (const uint32_t state : set) seen_[state] = round_;
    for (size_t i = 0; i < set.size(); ++i) {
      for (const uint32_t target : nfa_.states[set[i]].empty) {
        ++steps_;
        if (seen_[target] == round_) continue;
        seen_[target] = round_;
        set.push_back(target);
      }
    }
    std::ranges::sort(set);
    return set;
  }

  StateId IdOf(StateSet set) {
    StateSet closed = Closed(std::move(set));
    steps_ += closed.size();
    const auto id = static_cast<StateId>(draft_.states.size());
    const auto [found, is_new] = ids_.try_emplace(closed, id);
    if (is_new) {
      draft_.states.emplace_back().final = std::ranges::binary_search(closed, nfa_.end);
      sets_.push_back(std::move(closed));
    }
    return found->second;
  }

  template <typename F>
  void AddEdges(const StateSet& set, F&& id_of, StateId into) {
    std::vector<Nfa::ByteEdge> bytes;
    std::map<RuleId, StateSet> calls;
    for (const uint32_t member : set) {
      const Nfa::State& state = nfa_.states[member];
      bytes.insert(bytes.end(), state.bytes.begin(), state.bytes.end());
      for (const auto& call : state.calls) calls[call.rule].push_back(call.target);
    }
    for (auto& [rule, targets] : calls) {
      Sort(targets);
      const StateId back = id_of(std::move(targets));
      draft_.states[into].calls.push_back({rule, back});
    }
    AddByteEdges(bytes, id_of, into);
  }

  // Between two cuts the same edges are taken.
  template <typename F>
  void AddByteEdges(const std::vector<Nfa::ByteEdge>& edges, F&& id_of, StateId into) {
    std::vector<uint16_t> cuts;
    for (const auto& edge : edges) {
      cuts.push_back(edge.first);
      cuts.push_back(static_cast<uint16_t>(edge.last + 1));
    }
    std::ranges::sort(cuts);
    cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
    for (size_t i = 0; i + 1 < cuts.size(); ++i) {
      StateSet targets;
      for (const auto& edge : edges) {
        if (edge.first <= cuts[i] && cuts[i] <= edge.last) targets.push_back(edge.target);
      }
      steps_ += edges.size();
      if (targets.empty()) continue;
      Sort(targets);
      const StateId target = id_of(std::move(targets));
      auto& made = draft_.states[into].bytes;
      const auto last = static_cast<uint8_t>(cuts[i + 1] - 1);
      if (!made.empty() && made.back().target == target && made.back().last + 1 == cuts[i]) {
        made.back().last = last;
      } else {
        made.push_back({static_cast<uint8_t>(cuts[i]), last, target});
      }
    }
  }

  const Nfa& nfa_;
  Draft& draft_;
  size_t& steps_;
  std::vector<uint32_t> seen_;  // in which round of Closed
  uint32_t round_ = 0;
  std::map<StateSet, StateId> ids_;
  std::vector<StateSet> sets_;  // by id, the rule's first being 0
};

}  // namespace

Result<Draft> MakeDraft(const Syntax& syntax) {
  NfaMaker maker(syntax);
  Draft draft;
  size_t steps = 0;
  for (RuleId rule = 0; rule < maker.rules(); ++rule) {
    const Nfa nfa = maker.Make(rule);
    if (maker.full() || draft.states.size() > 2 * kMaxStates) {
      return MakeError(Code::kUsage,
                       "the grammar needs more than {} states; must be smaller, repetitions "
                       "counted as often as they repeat",
                       kMaxStates);
    }
    LEDGE_TRY(const StateId start, Determiniser(nfa, draft, steps).Run());
    draft.starts.push_back(start);
  }
  return draft;
}

std::vector<uint32_t> NeedsOf(const Draft& draft) {
  struct Caller {
    StateId from;
    RuleId rule;
    StateId back;
  };
  const size_t size = draft.states.size();
  std::vector<std::vector<StateId>> by_byte(size);
  std::vector<std::vector<Caller>> by_call(size);  // under the callee's start and under `back`
  std::vector<uint32_t> needs(size, kNone);
  std::vector<std::vector<StateId>> buckets(1);
  for (StateId state = 0; state < size; ++state) {
    if (draft.states[state].final) buckets[0].push_back(state);
    for (const ByteEdge& edge : draft.states[state].bytes) by_byte[edge.target].push_back(state);
    for (const DraftCall& call : draft.states[state].calls) {
      const Caller caller{state, call.rule, call.back};
      by_call[draft.starts[call.rule]].push_back(caller);
      if (call.back != draft.starts[call.rule]) by_call[call.back].push_back(caller);
    }
  }
  for (uint32_t need = 0; need < buckets.size(); ++need) {
    for (size_t i = 0; i < buckets[need].size(); ++i) {
      const StateId state = buckets[need][i];
      if (needs[state] != kNone) continue;
      needs[state] = need;
      for (const StateId from : by_byte[state]) buckets[need].push_back(from);
      for (const Caller& caller : by_call[state]) {
        const uint32_t start = needs[draft.starts[caller.rule]];
        const uint32_t back = needs[caller.back];
        if (start == kNone || back == kNone) continue;
        const uint32_t with_call = std::max(start + 1, back);
        if (with_call >= kMaxStackDepth) continue;
        if (buckets.size() <= with_call) buckets.resize(with_call + 1);
        buckets[with_call].push_back(caller.from);
      }
    }
  }
  return needs;
}

}  // namespace ledge::grammar
