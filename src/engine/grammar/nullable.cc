#include "engine/grammar/nullable.h"

#include <algorithm>
#include <unordered_set>

#include "engine/grammar/limits.h"

namespace ledge::grammar {
namespace {

using Kind = Node::Kind;

bool IsNullable(const Node& node, const std::vector<bool>& nodes, const std::vector<bool>& rules) {
  switch (node.kind) {
    case Kind::kBytes:
      return node.bytes.empty();
    case Kind::kSet:
      return false;
    case Kind::kSequence:
      return std::ranges::all_of(node.children, [&](NodeId id) { return nodes[id]; });
    case Kind::kChoice:
      return std::ranges::any_of(node.children, [&](NodeId id) { return nodes[id]; });
    case Kind::kRepeat:
      return node.least == 0 || nodes[node.children[0]];
    case Kind::kRule:
      return rules[node.rule];
  }
  return false;
}

// Depth-first over the rules that each rule may begin with.
class LeftCorners {
 public:
  LeftCorners(const Syntax& syntax, const std::vector<bool>& nullable)
      : syntax_(syntax), nullable_(nullable), marks_(syntax.rules().size(), Mark::kNew) {}

  // The first rule that is met again before it ended; kNone if there is none.
  RuleId FindCycle(RuleId from) {
    std::vector<Frame> path;
    Enter(from, path);
    while (!path.empty()) {
      Frame& top = path.back();
      if (top.next == top.callees.size()) {
        marks_[top.rule] = Mark::kDone;
        path.pop_back();
        continue;
      }
      const RuleId callee = top.callees[top.next++];
      if (marks_[callee] == Mark::kOnPath) return callee;
      if (marks_[callee] == Mark::kNew) Enter(callee, path);
    }
    return kNone;
  }

  bool IsNew(RuleId rule) const { return marks_[rule] == Mark::kNew; }

 private:
  enum class Mark : uint8_t { kNew, kOnPath, kDone };
  struct Frame {
    RuleId rule = 0;
    std::vector<RuleId> callees;
    size_t next = 0;
  };

  void Enter(RuleId rule, std::vector<Frame>& path) {
    marks_[rule] = Mark::kOnPath;
    Frame frame{.rule = rule};
    std::vector<NodeId> left = {syntax_.rules()[rule].body};
    std::unordered_set<NodeId> seen;
    while (!left.empty()) {
      const NodeId id = left.back();
      left.pop_back();
      if (!seen.insert(id).second) continue;
      const Node& node = syntax_.node(id);
      if (node.kind == Kind::kRule) frame.callees.push_back(node.rule);
      for (const NodeId child : node.children) {
        left.push_back(child);
        if (node.kind == Kind::kSequence && !nullable_[child]) break;
      }
    }
    std::ranges::sort(frame.callees);
    frame.callees.erase(std::unique(frame.callees.begin(), frame.callees.end()),
                        frame.callees.end());
    path.push_back(std::move(frame));
  }

  const Syntax& syntax_;
  const std::vector<bool>& nullable_;
  std::vector<Mark> marks_;
};

}  // namespace

Result<std::vector<bool>> NullableNodes(const Syntax& syntax) {
  std::vector<bool> nodes(syntax.nodes().size(), false);
  std::vector<bool> rules(syntax.rules().size(), false);
  std::vector<std::vector<RuleId>> bodies(nodes.size());
  for (RuleId rule = 0; rule < rules.size(); ++rule)
    bodies[syntax.rules()[rule].body].push_back(rule);
  size_t steps = 0;
  // Children are made before their parents, so a pass settles all but what rules bring about.
  for (bool changed = true; changed;) {
    changed = false;
    for (NodeId id = 0; id < nodes.size(); ++id) {
      steps += 1 + syntax.node(id).children.size();
      if (nodes[id] || !IsNullable(syntax.node(id), nodes, rules)) continue;
      nodes[id] = true;
      for (const RuleId rule : bodies[id]) {
        changed = changed || !rules[rule];
        rules[rule] = true;
      }
    }
    if (steps > kMaxCompileSteps)
      return MakeError(
          Code::kUsage,
          "the grammar's rules depend on each other in too many ways; must be simpler");
  }
  return nodes;
}

Result<void> CheckLeftRecursion(const Syntax& syntax, const std::vector<bool>& nullable) {
  LeftCorners corners(syntax, nullable);
  for (RuleId rule = 0; rule < syntax.rules().size(); ++rule) {
    if (!corners.IsNew(rule)) continue;
    const RuleId cycle = corners.FindCycle(rule);
    if (cycle == kNone) continue;
    return MakeError(Code::kUsage,
                     "rule '{}' calls itself before it has matched anything (left recursion); "
                     "must begin with something else, as in a ::= b (\",\" b)*",
                     PrintableLine(syntax.rules()[cycle].name, 60));
  }
  return {};
}

}  // namespace ledge::grammar
