// A vocabulary's tokens by their bytes, as a tree: which of them a grammar allows is found by
// walking it, and a beginning that isn't allowed cuts off all that begin so.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/grammar/token_set.h"
#include "tokenizer/tokenizer.h"

namespace ledge::grammar {

class TokenTrie {
 public:
  // In the order of their bytes, a node before those below it; the first is the root.
  struct Node {
    uint32_t end = 0;     // behind the last node below it
    uint32_t tokens = 0;  // those that end here begin here, and end where the next node's begin
    uint8_t byte = 0;
  };

  // Of every token that prints something. Any thread; copies nothing of the tokenizer.
  explicit TokenTrie(const Tokenizer& tokenizer);

  std::span<const Node> nodes() const { return {nodes_.data(), nodes_.size() - 1}; }
  std::span<const Token> TokensAt(uint32_t node) const {
    return {tokens_.data() + nodes_[node].tokens, tokens_.data() + nodes_[node + 1].tokens};
  }
  // Those that end an answer.
  std::span<const Token> ends() const { return ends_; }
  size_t vocabulary() const { return vocabulary_; }

 private:
  std::vector<Node> nodes_;  // and one behind the last
  std::vector<Token> tokens_;
  std::vector<Token> ends_;
  size_t vocabulary_ = 0;
};

}  // namespace ledge::grammar
