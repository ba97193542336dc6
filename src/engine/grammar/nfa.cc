#include "engine/grammar/nfa.h"

#include <algorithm>
#include <string_view>

#include "engine/grammar/limits.h"

namespace ledge::grammar {
namespace {

using Kind = Node::Kind;

// A body of so many states is repeated as it is; a larger one is called.
constexpr uint32_t kSmallBody = 4;

uint32_t Copies(const Node& repeat) {
  return repeat.most == kUnbounded ? repeat.least + 1 : repeat.most;
}

uint32_t CostOf(const Node& node, const std::vector<uint32_t>& costs) {
  uint64_t cost = 1;
  switch (node.kind) {
    case Kind::kBytes:
      cost = node.bytes.size();
      break;
    case Kind::kSet:
      // Whatever lies within ASCII is one range; the rest takes some states.
      cost = node.set.ranges().back().last < 0x80 ? 1 : 2 + 4 * node.set.ranges().size();
      break;
    case Kind::kRule:
      break;
    case Kind::kRepeat:
      cost = uint64_t{Copies(node)} * std::min(costs[node.children[0]], kSmallBody);
      break;
    default:
      for (const NodeId child : node.children) cost += costs[child];
  }
  return static_cast<uint32_t>(std::min<uint64_t>(cost, UINT32_MAX / 2));
}

}  // namespace

NfaMaker::NfaMaker(const Syntax& syntax) : syntax_(syntax) {
  for (const Rule& rule : syntax.rules()) bodies_.push_back(rule.body);
  for (const Node& node : syntax.nodes()) costs_.push_back(CostOf(node, costs_));
}

Nfa NfaMaker::Make(RuleId rule) {
  nfa_ = {};
  const uint32_t start = NewState();
  nfa_.end = Lower(bodies_[rule], start);
  return std::move(nfa_);
}

uint32_t NfaMaker::NewState() {
  if (made_ >= kMaxStates) {
    full_ = true;
    return 0;
  }
  ++made_;
  nfa_.states.emplace_back();
  return static_cast<uint32_t>(nfa_.states.size() - 1);
}

uint32_t NfaMaker::LowerBytes(std::string_view bytes, uint32_t from) {
  for (const char c : bytes) {
    const uint32_t next = NewState();
    nfa_.states[from].bytes.push_back({static_cast<uint8_t>(c), static_cast<uint8_t>(c), next});
    from = next;
  }
  return from;
}

void NfaMaker::LowerSet(const CodePoints& set, uint32_t from, uint32_t to) {
  for (const ByteSequence& sequence : Utf8Sequences(set)) {
    uint32_t at = from;
    for (int i = 0; i < sequence.length; ++i) {
      const uint32_t next = i + 1 == sequence.length ? to : NewState();
      const auto& range = sequence.ranges[static_cast<size_t>(i)];
      nfa_.states[at].bytes.push_back({range.first, range.last, next});
      at = next;
    }
  }
}

// Long lists of words share their beginnings: a tree of them, breadth bounded by the words'
// lengths, instead of a path for each.
uint32_t NfaMaker::LowerChoice(const Node& node, uint32_t from) {
  const uint32_t to = NewState();
  std::vector<std::string_view> words;
  for (const NodeId child : node.children) {
    const Node& one = syntax_.node(child);
    if (one.kind == Kind::kBytes && !one.bytes.empty()) {
      words.push_back(one.bytes);
    } else {
      const uint32_t start = NewState();
      nfa_.states[from].empty.push_back(start);
      nfa_.states[Lower(child, start)].empty.push_back(to);
    }
  }
  std::ranges::sort(words);
  std::vector<uint32_t> path = {from};  // states behind each byte of the word before
  std::string_view before;
  for (const std::string_view word : words) {
    const size_t common =
        static_cast<size_t>(std::ranges::mismatch(before, word).in1 - before.begin());
    path.resize(common + 1);
    for (size_t i = common; i < word.size(); ++i)
      path.push_back(LowerBytes(word.substr(i, 1), path[i]));
    nfa_.states[path.back()].empty.push_back(to);
    before = word;
    if (full_) break;
  }
  return to;
}

NodeId NfaMaker::AsRule(NodeId id) {
  const auto [found, is_new] = as_rules_.try_emplace(id, static_cast<RuleId>(bodies_.size()));
  if (is_new) bodies_.push_back(id);
  return found->second;
}

uint32_t NfaMaker::LowerRepeat(const Node& node, uint32_t from) {
  const NodeId body = node.children[0];
  const bool called =
      Copies(node) > 1 && costs_[body] > kSmallBody && syntax_.node(body).kind != Kind::kRule;
  const RuleId rule = called ? AsRule(body) : 0;
  const auto once = [&](uint32_t at) {
    if (!called) return Lower(body, at);
    const uint32_t next = NewState();
    nfa_.states[at].calls.push_back({rule, next});
    return next;
  };
  for (uint32_t i = 0; i < node.least && !full_; ++i) from = once(from);
  if (node.most == kUnbounded) {
    const uint32_t loop = NewState();
    nfa_.states[from].empty.push_back(loop);
    const uint32_t last = once(loop);
    nfa_.states[last].empty.push_back(loop);
    return loop;
  }
  const uint32_t to = NewState();
  for (uint32_t i = node.least; i < node.most && !full_; ++i) {
    nfa_.states[from].empty.push_back(to);
    // A state of its own: `from` may be where a loop comes back to.
    const uint32_t start = NewState();
    nfa_.states[from].empty.push_back(start);
    from = once(start);
  }
  nfa_.states[from].empty.push_back(to);
  return to;
}

uint32_t NfaMaker::Lower(NodeId id, uint32_t from) {
  if (full_) return from;
  const Node& node = syntax_.node(id);
  switch (node.kind) {
    case Kind::kBytes:
      return LowerBytes(node.bytes, from);
    case Kind::kSet: {
      const uint32_t to = NewState();
      LowerSet(node.set, from, to);
      return to;
    }
    case Kind::kSequence:
      for (const NodeId child : node.children) from = Lower(child, from);
      return from;
    case Kind::kChoice:
      return LowerChoice(node, from);
    case Kind::kRepeat:
      return LowerRepeat(node, from);
    case Kind::kRule: {
      const uint32_t to = NewState();
      nfa_.states[from].calls.push_back({node.rule, to});
      return to;
    }
  }
  return from;
}

}  // namespace ledge::grammar
