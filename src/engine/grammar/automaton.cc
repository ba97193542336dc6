#include "engine/grammar/automaton.h"

#include <algorithm>

#include "engine/grammar/draft.h"
#include "engine/grammar/limits.h"
#include "engine/grammar/nullable.h"

namespace ledge::grammar {
namespace {

// Edges that lead to no end are taken out.
void Trim(Draft& draft, const std::vector<uint32_t>& needs) {
  for (DraftState& state : draft.states) {
    std::erase_if(state.bytes, [&](const ByteEdge& edge) { return needs[edge.target] == kNone; });
    std::erase_if(state.calls, [&](const DraftCall& call) {
      return needs[call.back] == kNone || needs[draft.starts[call.rule]] == kNone;
    });
  }
}

// The states that can be got to, the start first; kNone for the others.
std::vector<StateId> Reachable(const Draft& draft, StateId start, std::vector<StateId>& order) {
  std::vector<StateId> numbers(draft.states.size(), kNone);
  const auto visit = [&](StateId state) {
    if (numbers[state] != kNone) return;
    numbers[state] = static_cast<StateId>(order.size());
    order.push_back(state);
  };
  visit(start);
  for (size_t i = 0; i < order.size(); ++i) {
    const DraftState& state = draft.states[order[i]];
    for (const ByteEdge& edge : state.bytes) visit(edge.target);
    for (const DraftCall& call : state.calls) {
      visit(draft.starts[call.rule]);
      visit(call.back);
    }
  }
  return numbers;
}

bool OnlyFinal(const DraftState& state) {
  return state.final && state.bytes.empty() && state.calls.empty();
}

}  // namespace

Result<Automaton> Compile(const Syntax& syntax) {
  if (syntax.full()) {
    return MakeError(Code::kUsage,
                     "the grammar has more than {} parts or {} rules; must be smaller", kMaxNodes,
                     kMaxRules);
  }
  LEDGE_TRY(const auto nullable, NullableNodes(syntax));
  LEDGE_CHECK_OK(CheckLeftRecursion(syntax, nullable));
  LEDGE_TRY(Draft draft, MakeDraft(syntax));
  const auto needs = NeedsOf(draft);
  const StateId start = draft.starts[syntax.root];
  if (needs[start] == kNone) {
    return MakeError(Code::kUsage,
                     "no text can match rule '{}': it demands what contradicts itself or never "
                     "ends; must allow at least one text",
                     PrintableLine(syntax.rules()[syntax.root].name, 60));
  }
  Trim(draft, needs);
  std::vector<StateId> order;
  const auto numbers = Reachable(draft, start, order);
  Automaton made;
  for (const StateId old : order) {
    const DraftState& state = draft.states[old];
    made.states_.push_back({.bytes = static_cast<uint32_t>(made.byte_edges_.size()),
                            .calls = static_cast<uint32_t>(made.call_edges_.size()),
                            .final = state.final,
                            .only_final = OnlyFinal(state),
                            .need = needs[old]});
    for (const ByteEdge& edge : state.bytes)
      made.byte_edges_.push_back({edge.first, edge.last, numbers[edge.target]});
    for (const DraftCall& call : state.calls) {
      const bool tail = OnlyFinal(draft.states[call.back]);
      made.call_edges_.push_back(
          {numbers[draft.starts[call.rule]], tail ? kNone : numbers[call.back]});
    }
  }
  made.states_.push_back({.bytes = static_cast<uint32_t>(made.byte_edges_.size()),
                          .calls = static_cast<uint32_t>(made.call_edges_.size())});
  return made;
}

}  // namespace ledge::grammar
