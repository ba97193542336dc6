#include "tokenizer/special_matcher.h"

#include <algorithm>
#include <string>

namespace ledge {
namespace {

// The child of `node` along `label`, or 0: the root is nobody's child.
uint32_t Child(std::span<const MatchNode> nodes, std::span<const uint8_t> labels, uint32_t node,
               uint8_t label) {
  const uint32_t end = nodes[node + 1].first_child;
  for (uint32_t low = nodes[node].first_child, high = end; low < high;) {
    const uint32_t middle = low + (high - low) / 2;
    if (labels[middle] == label) return middle;
    if (labels[middle] < label) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return 0;
}

uint32_t Step(std::span<const MatchNode> nodes, std::span<const uint8_t> labels, uint32_t node,
              uint8_t label) {
  for (;;) {
    const uint32_t child = Child(nodes, labels, node, label);
    if (child != 0 || node == 0) return child;
    node = nodes[node].fail;
  }
}

struct Reversed {
  std::string text;
  Token token;
  bool user_defined;
};

// The reversed texts that share a node's path, a range of the sorted list.
struct Range {
  size_t begin;
  size_t end;
  size_t depth;
  uint32_t parent;
};

}  // namespace

std::vector<SpecialMatch> FindSpecials(const TableView& tables, std::string_view text, bool control,
                                       std::span<const TextRange> plain) {
  std::vector<SpecialMatch> found;
  const auto nodes = tables.match_nodes();
  const auto labels = tables.match_labels();
  if (labels.size() <= 1 || (!control && !tables.Has(kFlagUserDefined))) return found;
  uint32_t node = 0;
  size_t range = plain.size();  // the first that ends behind i
  for (size_t i = text.size(); i-- > 0;) {
    node = Step(nodes, labels, node, static_cast<uint8_t>(text[i]));
    Token token = control ? nodes[node].any : nodes[node].user;
    while (range > 0 && plain[range - 1].end > i) --range;
    if (token != kNoToken && range < plain.size() &&
        plain[range].begin < i + tables.Text(token).size()) {
      token = nodes[node].user;
    }
    if (token != kNoToken) found.push_back({static_cast<uint32_t>(i), token});
  }
  std::reverse(found.begin(), found.end());
  uint64_t next = 0;
  const auto overlaps = [&](const SpecialMatch& match) {
    if (match.begin < next) return true;
    next = match.begin + tables.Text(match.token).size();
    return false;
  };
  size_t kept = 0;
  for (const SpecialMatch& match : found) {
    if (!overlaps(match)) found[kept++] = match;
  }
  found.resize(kept);
  return found;
}

MatchAutomaton BuildMatchAutomaton(std::span<const SpecialText> specials) {
  std::vector<Reversed> sorted;
  sorted.reserve(specials.size());
  for (const SpecialText& special : specials) {
    sorted.push_back({std::string(special.text.rbegin(), special.text.rend()), special.token,
                      special.user_defined});
  }
  std::sort(sorted.begin(), sorted.end(),
            [](const Reversed& a, const Reversed& b) { return a.text < b.text; });
  MatchAutomaton automaton;
  auto& nodes = automaton.nodes;
  auto& labels = automaton.labels;
  std::vector<Range> queue = {{0, sorted.size(), 0, 0}};
  nodes.push_back({1, 0, kNoToken, kNoToken});
  labels.push_back(0);
  for (uint32_t at = 0; at < queue.size(); ++at) {  // breadth first
    Range range = queue[at];
    nodes[at].first_child = static_cast<uint32_t>(queue.size());
    if (at > 0) {
      const bool below_root = range.parent == 0;
      nodes[at].fail = below_root ? 0 : Step(nodes, labels, nodes[range.parent].fail, labels[at]);
      nodes[at].any = nodes[nodes[at].fail].any;
      nodes[at].user = nodes[nodes[at].fail].user;
    }
    for (; range.begin < range.end && sorted[range.begin].text.size() == range.depth;
         ++range.begin) {
      nodes[at].any = sorted[range.begin].token;
      if (sorted[range.begin].user_defined) nodes[at].user = sorted[range.begin].token;
    }
    while (range.begin < range.end) {
      const char label = sorted[range.begin].text[range.depth];
      const size_t begin = range.begin;
      while (range.begin < range.end && sorted[range.begin].text[range.depth] == label)
        ++range.begin;
      queue.push_back({begin, range.begin, range.depth + 1, at});
      nodes.push_back({0, 0, kNoToken, kNoToken});
      labels.push_back(static_cast<uint8_t>(label));
    }
  }
  nodes.push_back({static_cast<uint32_t>(queue.size()), 0, kNoToken, kNoToken});
  return automaton;
}

}  // namespace ledge
