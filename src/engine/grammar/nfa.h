// A rule as a non-deterministic automaton, the step between a grammar's tree and automaton.h.
// Method: Thompson 1968, with calls as a kind of symbol.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "engine/grammar/syntax.h"

namespace ledge::grammar {

struct Nfa {
  struct ByteEdge {
    uint8_t first = 0;
    uint8_t last = 0;
    uint32_t target = 0;
  };
  struct CallEdge {
    RuleId rule = 0;
    uint32_t target = 0;
  };
  struct State {
    std::vector<uint32_t> empty;  // targets without a symbol
    std::vector<ByteEdge> bytes;
    std::vector<CallEdge> calls;
  };
  std::vector<State> states;  // the first is the start
  uint32_t end = 0;
};

// Makes the automata of a grammar's rules. A body that is repeated many times becomes a rule of its
// own, numbered behind the grammar's.
class NfaMaker {
 public:
  explicit NfaMaker(const Syntax& syntax);

  // Also of the rules that making others has brought about: below rules().
  Nfa Make(RuleId rule);
  size_t rules() const { return bodies_.size(); }
  // More than kMaxStates were made; what is made from then on has no meaning.
  bool full() const { return full_; }

 private:
  uint32_t NewState();
  // Both return the state behind the node. No edge ever leads back to `from`.
  uint32_t Lower(NodeId id, uint32_t from);
  uint32_t LowerRepeat(const Node& node, uint32_t from);
  uint32_t LowerBytes(std::string_view bytes, uint32_t from);
  void LowerSet(const CodePoints& set, uint32_t from, uint32_t to);
  uint32_t LowerChoice(const Node& node, uint32_t from);
  NodeId AsRule(NodeId id);

  const Syntax& syntax_;
  std::vector<NodeId> bodies_;                   // of rules
  std::vector<uint32_t> costs_;                  // of nodes: states, about
  std::unordered_map<NodeId, RuleId> as_rules_;  // of repeated bodies
  Nfa nfa_;
  size_t made_ = 0;
  bool full_ = false;
};

}  // namespace ledge::grammar
