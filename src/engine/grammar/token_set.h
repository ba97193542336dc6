// Which tokens of a vocabulary are allowed: a bit each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/token.h"

namespace ledge {

class TokenSet {
 public:
  TokenSet() = default;
  explicit TokenSet(size_t tokens) : words_((tokens + 63) / 64) {}

  void Add(Token token) {
    words_[static_cast<size_t>(token) / 64] |= uint64_t{1} << static_cast<size_t>(token) % 64;
  }
  // Tokens beyond the vocabulary are in no set.
  bool Has(Token token) const {
    const auto at = static_cast<size_t>(token);
    return at / 64 < words_.size() && (words_[at / 64] >> at % 64 & 1) != 0;
  }
  // Of an equal number of tokens.
  void Add(const TokenSet& other) {
    for (size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
  }
  bool empty() const {
    for (const uint64_t word : words_) {
      if (word != 0) return false;
    }
    return true;
  }
  size_t bytes() const { return words_.size() * sizeof(uint64_t); }
  std::span<const uint64_t> words() const { return words_; }

 private:
  std::vector<uint64_t> words_;
};

}  // namespace ledge
