// The hash table from texts to tokens while it is built.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tokenizer/table_format.h"
#include "tokenizer/vocab.h"

namespace ledge {

// Slots for `entries` such that a quarter stays empty.
uint64_t SlotsFor(uint64_t entries);

class TextIndex {
 public:
  // kMalformed if two tokens share a text.
  static Result<TextIndex> Build(const Vocab& vocab);

  Token Find(std::string_view text) const { return Find(text, TextHash(text)); }
  // `hash`: TextHash(text), where the caller has it already.
  Token Find(std::string_view text, uint64_t hash) const;
  bool Mergeable(Token token) const {
    return IsMergeable(vocab_->types[static_cast<size_t>(token)]);
  }
  Token FindMergeable(std::string_view text, uint64_t hash) const {
    const Token token = Find(text, hash);
    return token != kNoToken && Mergeable(token) ? token : kNoToken;
  }
  // token + 1, 0 where a slot is empty.
  std::span<const uint32_t> slots() const { return slots_; }

 private:
  explicit TextIndex(const Vocab& vocab) : vocab_(&vocab) {}

  const Vocab* vocab_;
  std::vector<uint32_t> slots_;
};

}  // namespace ledge
