#include "engine/grammar/syntax.h"

#include <utility>

#include "engine/grammar/limits.h"

namespace ledge::grammar {

NodeId Syntax::Add(Node node) {
  if (nodes_.size() >= kMaxNodes) {
    full_ = true;
    return 0;
  }
  nodes_.push_back(std::move(node));
  return static_cast<NodeId>(nodes_.size() - 1);
}

NodeId Syntax::Bytes(std::string_view bytes) {
  return Add({.kind = Node::Kind::kBytes, .bytes = std::string(bytes)});
}

NodeId Syntax::Set(CodePoints set) {
  if (set.empty()) return Never();
  return Add({.kind = Node::Kind::kSet, .set = std::move(set)});
}

NodeId Syntax::Sequence(std::vector<NodeId> children) {
  if (children.size() == 1) return children[0];
  return Add({.kind = Node::Kind::kSequence, .children = std::move(children)});
}

NodeId Syntax::Choice(std::vector<NodeId> children) {
  if (children.size() == 1) return children[0];
  return Add({.kind = Node::Kind::kChoice, .children = std::move(children)});
}

NodeId Syntax::Repeat(NodeId child, uint32_t least, uint32_t most) {
  if (least == 1 && most == 1) return child;
  if (most == 0) return Empty();
  return Add({.kind = Node::Kind::kRepeat, .least = least, .most = most, .children = {child}});
}

NodeId Syntax::Call(RuleId rule) { return Add({.kind = Node::Kind::kRule, .rule = rule}); }

RuleId Syntax::AddRule(std::string name, NodeId body) {
  if (rules_.size() >= kMaxRules) {
    full_ = true;
    return 0;
  }
  rules_.push_back({std::move(name), body});
  return static_cast<RuleId>(rules_.size() - 1);
}

}  // namespace ledge::grammar
