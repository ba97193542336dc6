#include "engine/grammar/token_trie.h"

#include <algorithm>
#include <string_view>

#include "engine/grammar/spec.h"

namespace ledge::grammar {

TokenTree::TokenTree(std::span<const std::pair<std::string, Token>> sorted) {
  nodes_.push_back({});
  std::vector<uint32_t> path = {0};  // the nodes of the text before
  std::string_view before;
  for (const auto& [text, token] : sorted) {
    const auto common =
        static_cast<size_t>(std::ranges::mismatch(before, text).in1 - before.begin());
    for (; path.size() > common + 1; path.pop_back())
      nodes_[path.back()].end = static_cast<uint32_t>(nodes_.size());
    for (size_t i = common; i < text.size(); ++i) {
      path.push_back(static_cast<uint32_t>(nodes_.size()));
      nodes_.push_back(
          {.tokens = static_cast<uint32_t>(tokens_.size()), .byte = static_cast<uint8_t>(text[i])});
    }
    tokens_.push_back(token);
    before = text;
  }
  for (const uint32_t node : path) nodes_[node].end = static_cast<uint32_t>(nodes_.size());
  nodes_.push_back({.tokens = static_cast<uint32_t>(tokens_.size())});
}

TokenTrie::TokenTrie(const Tokenizer& tokenizer) : vocabulary_(tokenizer.vocab_size()) {
  std::vector<std::pair<std::string, Token>> few;
  std::vector<std::pair<std::string, Token>> many;
  for (Token token = 0; tokenizer.IsToken(token); ++token) {
    if (tokenizer.IsEndOfGeneration(token)) {
      ends_.push_back(token);
      continue;
    }
    // Whoever lets a model think shows the marks of it (Request::shown).
    const std::string_view text = tokenizer.TokenText(token);
    std::string piece;
    tokenizer.AppendPiece(token, text == kThinkBegin || text == kThinkEnd, piece);
    if (!piece.empty()) (piece.size() > kShort ? few : many).emplace_back(std::move(piece), token);
  }
  std::ranges::sort(few);
  std::ranges::sort(many);
  short_ = TokenTree(many);
  long_ = TokenTree(few);
}

}  // namespace ledge::grammar
