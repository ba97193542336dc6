// Finds special tokens written out in a text: at each place the longest, from left to right, in
// linear time however many there are.
//
// The automaton (Aho and Corasick, "Efficient string matching", CACM 1975) holds the tokens' texts
// *reversed* and runs over the text from its end: after reading a place, its longest match is the
// longest token that begins there. A walk from the left then takes the first match, jumps behind
// it, and so on.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "tokenizer/table_view.h"

namespace ledge {

struct SpecialMatch {
  uint32_t begin;  // in the text
  Token token;     // as long as its text
};

// In the text's order, never overlapping. `control`: control and unknown tokens too, not only
// user-defined ones, but none that has a byte in a range of `plain` (ascending, disjoint). The text
// must be shorter than 4 GiB.
std::vector<SpecialMatch> FindSpecials(const TableView& tables, std::string_view text, bool control,
                                       std::span<const TextRange> plain = {});

// The automaton's two sections, for BuildTables.
struct MatchAutomaton {
  std::vector<MatchNode> nodes;  // and the sentinel
  std::vector<uint8_t> labels;
};
struct SpecialText {
  std::string_view text;  // not empty
  Token token;
  bool user_defined;
};
MatchAutomaton BuildMatchAutomaton(std::span<const SpecialText> specials);

}  // namespace ledge
