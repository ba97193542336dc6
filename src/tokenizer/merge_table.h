// The merges of a vocabulary as pairs of symbols, for either kind of tokenizer.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tokenizer/text_index.h"

namespace ledge {

// Symbols that merge; `left` is kNoSymbol in an empty slot.
struct PairSlot {
  uint32_t left;
  uint32_t right;
  uint32_t rank;    // lower merges first
  uint32_t result;  // a token
};

// The hash table (left, right) -> (rank, result).
class MergeTable {
 public:
  explicit MergeTable(uint64_t expected);

  // The first one stays where a pair comes twice. False if the table is too full or too crowded.
  bool Add(const PairSlot& merge);
  std::span<const PairSlot> slots() const { return slots_; }

 private:
  std::vector<PairSlot> slots_;
  uint64_t used_ = 0;
};

// BPE: the file's list; the rank is the place in it.
Result<MergeTable> BpeMerges(const Vocab& vocab, const TextIndex& index);

// SPM: a pair merges where both together are a token's text, the higher score first. So every way
// to cut a token's text into two symbols is a merge, and the rank is the place of the token's score
// among all.
Result<MergeTable> SpmMerges(const Vocab& vocab, const TextIndex& index);

// SPM: the symbol of one character, which is a token or the character itself.
uint32_t SpmSymbol(const TextIndex& index, std::string_view character);

}  // namespace ledge
