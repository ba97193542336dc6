// Reads the block that BuildTables wrote, in place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "tokenizer/pre/pre_tokenizer.h"
#include "tokenizer/table_format.h"

namespace ledge {

// Views into the block, which must outlive them. Const, so any thread may use it.
class TableView {
 public:
  // Checks the block so that no lookup ever leaves it, whatever its bytes are: one pass over the
  // offsets, attributes, nodes and slots, no hashing, nothing allocated. kMalformed if a check
  // fails (a block of another version too: it is rebuilt from the model's own header).
  static Result<TableView> Open(std::span<const std::byte> block);

  const TablesHeader& header() const { return *header_; }
  uint32_t size() const { return header_->vocab_size; }
  bool Has(TableFlags flag) const { return (header_->flags & flag) != 0; }
  const PreTokenizer* pre() const { return pre_; }  // BPE only

  // For a token of [0, size()).
  std::string_view Text(Token token) const { return View(text_offsets_, text_bytes_, token); }
  std::string_view Piece(Token token) const { return View(piece_offsets_, piece_bytes_, token); }
  TokenType Type(Token token) const {
    return static_cast<TokenType>(attributes_[static_cast<size_t>(token)] & kTypeMask);
  }
  bool EndsGeneration(Token token) const {
    return (attributes_[static_cast<size_t>(token)] & kEndsGeneration) != 0;
  }

  // The token whose text this is; kNoToken if there is none.
  Token Find(std::string_view text) const;
  // The same, only among tokens that text may become by merging.
  Token FindMergeable(std::string_view text) const;

  struct Merge {
    uint32_t rank;
    uint32_t result;
  };
  std::optional<Merge> FindPair(uint32_t left, uint32_t right) const {
    uint64_t at = PairHash(left, right) & pair_mask_;
    for (uint32_t probe = 0; probe < kMaxProbes; ++probe, at = (at + 1) & pair_mask_) {
      const PairSlot& slot = pair_slots_[at];
      if (slot.left == left && slot.right == right) return Merge{slot.rank, slot.result};
      if (slot.left == kNoSymbol) return std::nullopt;
    }
    return std::nullopt;
  }

  std::span<const MatchNode> match_nodes() const {
    return match_nodes_;
  }  // one more than there are
  std::span<const uint8_t> match_labels() const { return match_labels_; }

 private:
  static std::string_view View(const uint32_t* offsets, const char* bytes, Token token) {
    const auto at = static_cast<size_t>(token);
    return {bytes + offsets[at], offsets[at + 1] - offsets[at]};
  }

  Result<void> Bind(std::span<const std::byte> block);
  Result<void> CheckHeader() const;
  Result<void> CheckContents() const;

  const TablesHeader* header_ = nullptr;
  const PreTokenizer* pre_ = nullptr;
  const uint32_t* text_offsets_ = nullptr;
  const char* text_bytes_ = nullptr;
  const uint32_t* piece_offsets_ = nullptr;
  const char* piece_bytes_ = nullptr;
  const uint8_t* attributes_ = nullptr;
  std::span<const uint32_t> text_slots_;
  std::span<const PairSlot> pair_slots_;
  std::span<const MatchNode> match_nodes_;
  std::span<const uint8_t> match_labels_;
  uint64_t pair_mask_ = 0;
};

}  // namespace ledge
