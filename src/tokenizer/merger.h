// Merges the symbols of one word: again and again the pair of neighbours with the lowest rank, the
// leftmost where ranks are equal, until no pair is in the table. O(n log n) for n symbols.
//
// Source: byte pair encoding as in Sennrich et al., "Neural Machine Translation of Rare Words with
// Subword Units" (2016), and SentencePiece's bpe_model, which is the same with scores for ranks.
#pragma once

#include <cstdint>
#include <vector>

#include "tokenizer/table_view.h"

namespace ledge {

class Merger {
 public:
  explicit Merger(const TableView& tables) : tables_(tables) {}

  // Replaces the symbols by what is left of them. Not thread-safe: buffers are kept between calls.
  void Merge(std::vector<uint32_t>& symbols);

 private:
  void MergeShort(std::vector<uint32_t>& symbols);
  void MergeLong(std::vector<uint32_t>& symbols);
  void Push(const std::vector<uint32_t>& symbols, uint32_t left);
  uint32_t Rank(uint32_t left, uint32_t right) const {
    const auto merge = tables_.FindPair(left, right);
    return merge ? merge->rank : kNoRank;
  }

  static constexpr uint32_t kNoRank = 0xFFFFFFFF;

  const TableView& tables_;
  std::vector<uint32_t> ranks_;
  std::vector<uint32_t> next_;
  std::vector<uint32_t> previous_;
  std::vector<uint64_t> heap_;
};

}  // namespace ledge
