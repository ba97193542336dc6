// A grammar as a tree, whatever it was written in: GBNF, a JSON Schema and a regular expression
// all become one of these, and automaton.h is made from it.
//
// Nodes are made bottom-up and may be used several times. Once there are more nodes or rules than
// limits.h allows, `full()` is set and what is made then has no meaning: whoever makes many looks
// at it, and Compile refuses.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/grammar/code_points.h"

namespace ledge::grammar {

using NodeId = uint32_t;
using RuleId = uint32_t;
inline constexpr uint32_t kUnbounded = UINT32_MAX;
inline constexpr uint32_t kNone = UINT32_MAX;

struct Node {
  enum class Kind : uint8_t {
    kBytes,     // `bytes`
    kSet,       // one of `set`
    kSequence,  // `children`, one behind another; none: the empty text
    kChoice,    // one of `children`; none: nothing matches
    kRepeat,    // children[0], `least` to `most` times
    kRule,      // what `rule` stands for
  };
  Kind kind = Kind::kSequence;
  RuleId rule = 0;
  uint32_t least = 0;
  uint32_t most = 0;  // or kUnbounded
  std::string bytes;
  CodePoints set;
  std::vector<NodeId> children;
};

struct Rule {
  std::string name;  // for messages
  NodeId body = kNone;
};

class Syntax {
 public:
  NodeId Bytes(std::string_view bytes);
  NodeId Set(CodePoints set);
  NodeId Sequence(std::vector<NodeId> children);
  NodeId Choice(std::vector<NodeId> children);
  NodeId Repeat(NodeId child, uint32_t least, uint32_t most);
  NodeId Optional(NodeId child) { return Repeat(child, 0, 1); }
  NodeId Call(RuleId rule);
  NodeId Empty() { return Sequence({}); }
  NodeId Never() { return Choice({}); }

  RuleId AddRule(std::string name, NodeId body = kNone);
  void Define(RuleId rule, NodeId body) { rules_[rule].body = body; }

  // Of the whole.
  RuleId root = 0;

  bool full() const { return full_; }
  const Node& node(NodeId id) const { return nodes_[id]; }
  const std::vector<Node>& nodes() const { return nodes_; }
  const std::vector<Rule>& rules() const { return rules_; }

 private:
  NodeId Add(Node node);

  std::vector<Node> nodes_;
  std::vector<Rule> rules_;
  bool full_ = false;
};

}  // namespace ledge::grammar
