// A grammar made ready for matching: a pushdown automaton over bytes.
//
// Each rule is a small automaton of its own, deterministic where that doesn't make it grow. A
// state's edges are taken by a byte, or by a call: the callee's states are gone through, and its
// end leads to `back`. What is waited for to come back from is a stack (stacks.h). A call with
// nothing behind it replaces its caller, so lists written by right recursion need no depth. Every
// state can reach an end within kMaxStackDepth.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"
#include "engine/grammar/syntax.h"

namespace ledge::grammar {

using StateId = uint32_t;

struct ByteEdge {
  uint8_t first = 0;
  uint8_t last = 0;  // included
  StateId target = 0;
};

struct CallEdge {
  StateId start = 0;  // of the callee
  StateId back = 0;   // kNone: nothing is left to do there
};

struct State {
  uint32_t bytes = 0;  // its edges begin here, and end where the next state's begin
  uint32_t calls = 0;
  bool final = false;       // the rule may end here
  bool only_final = false;  // and can't do anything else
  // How many calls at least must be nested to get from here to the rule's end.
  uint32_t need = 0;
};

class Automaton {
 public:
  size_t size() const { return states_.size() - 1; }
  StateId start() const { return start_; }
  const State& state(StateId id) const { return states_[id]; }
  std::span<const ByteEdge> bytes(StateId id) const {
    return {byte_edges_.data() + states_[id].bytes, byte_edges_.data() + states_[id + 1].bytes};
  }
  std::span<const CallEdge> calls(StateId id) const {
    return {call_edges_.data() + states_[id].calls, call_edges_.data() + states_[id + 1].calls};
  }

 private:
  friend Result<Automaton> Compile(const Syntax& syntax);
  std::vector<State> states_;  // and one behind the last
  std::vector<ByteEdge> byte_edges_;
  std::vector<CallEdge> call_edges_;
  StateId start_ = 0;
};

// Any thread. kUsage, naming the rule, where a rule calls itself before anything else (left
// recursion), where no text at all can match, and beyond a limit. Time is bounded by
// kMaxCompileSteps.
Result<Automaton> Compile(const Syntax& syntax);

}  // namespace ledge::grammar
