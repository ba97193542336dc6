// An automaton of all rules while it is being made: states with lists of their own, before what
// leads nowhere is taken out.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "engine/grammar/automaton.h"
#include "engine/grammar/syntax.h"

namespace ledge::grammar {

struct DraftCall {
  RuleId rule = 0;
  StateId back = 0;
};

struct DraftState {
  std::vector<ByteEdge> bytes;
  std::vector<DraftCall> calls;
  bool final = false;
};

struct Draft {
  std::vector<DraftState> states;
  std::vector<StateId> starts;  // of rules
};

// Every rule as a deterministic automaton of bytes and calls (subset construction), or, where that
// would take many more states than it had, as it was. kUsage beyond kMaxStates and
// kMaxCompileSteps.
Result<Draft> MakeDraft(const Syntax& syntax);

// For every state how many calls at least must be nested to get to its rule's end; kNone where none
// leads there. Method: Knuth 1977, "A generalization of Dijkstra's algorithm".
std::vector<uint32_t> NeedsOf(const Draft& draft);

}  // namespace ledge::grammar
