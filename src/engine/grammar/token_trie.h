// A vocabulary's tokens by their bytes, as a tree: which of them a grammar allows is found by
// walking it, and a beginning that isn't allowed cuts off all that begin so.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/grammar/token_set.h"
#include "tokenizer/tokenizer.h"

namespace ledge::grammar {

class TokenTree {
 public:
  // In the order of their bytes, a node before those below it; the first is the root.
  struct Node {
    uint32_t end = 0;     // behind the last node below it
    uint32_t tokens = 0;  // those that end here begin here, and end where the next node's begin
    uint8_t byte = 0;
  };

  TokenTree() : nodes_(2, Node{.end = 1}) {}
  // Sorted by their bytes, none of which are empty.
  explicit TokenTree(std::span<const std::pair<std::string, Token>> sorted);

  std::span<const Node> nodes() const { return {nodes_.data(), nodes_.size() - 1}; }
  std::span<const Token> TokensAt(uint32_t node) const {
    return {tokens_.data() + nodes_[node].tokens, tokens_.data() + nodes_[node + 1].tokens};
  }

 private:
  std::vector<Node> nodes_;  // and one behind the last
  std::vector<Token> tokens_;
};

// Of every token that prints something, or may: the marks of thinking.
class TokenTrie {
 public:
  // Tokens of more bytes are rare and stand apart: that short ones are so short is used.
  static constexpr size_t kShort = 24;

  // Any thread; keeps nothing of the tokenizer.
  explicit TokenTrie(const Tokenizer& tokenizer);

  const TokenTree& short_tokens() const { return short_; }
  const TokenTree& long_tokens() const { return long_; }
  // Those that end an answer.
  std::span<const Token> ends() const { return ends_; }
  size_t vocabulary() const { return vocabulary_; }

 private:
  TokenTree short_;
  TokenTree long_;
  std::vector<Token> ends_;
  size_t vocabulary_ = 0;
};

}  // namespace ledge::grammar
