// Reads the block that BuildTables wrote, in place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "tokenizer/charsmap.h"
#include "tokenizer/narrow.h"
#include "tokenizer/normal_form.h"
#include "tokenizer/piece.h"
#include "tokenizer/pre/pre_tokenizer.h"
#include "tokenizer/table_format.h"

namespace ledge {

// Views into the block and the texts, which must outlive them. Const, so any thread may use it.
class TableView {
 public:
  // Checks the block so that no lookup ever leaves it, whatever its bytes are: one pass over the
  // texts, attributes, nodes and slots, no hashing, nothing allocated. `texts` is what TokenTextsOf
  // gives of the vocabulary that the block was built of. kMalformed if a check fails (a block of
  // another version too: it is rebuilt from the model's own header).
  static Result<TableView> Open(std::span<const std::byte> block, std::span<const std::byte> texts);

  const TablesHeader& header() const { return *header_; }
  uint32_t size() const { return header_->vocab_size; }
  bool Has(TableFlags flag) const { return (header_->flags & flag) != 0; }
  const PreTokenizer* pre() const { return pre_; }  // BPE only
  // SPM's and WordPiece's tokens have U+2581 for spaces.
  Spelling spelling() const { return pre_ == nullptr ? Spelling::kMarkedSpaces : pre_->spelling; }

  // For a token of [0, size()).
  std::string_view Text(Token token) const {
    const auto at = static_cast<uint32_t>(token);
    uint64_t offset = text_samples_[at / kTextStride];
    for (uint32_t i = at % kTextStride; i > 0; --i) offset += TextAt(offset).size() + kCountBytes;
    return TextAt(offset);
  }
  void AppendPiece(Token token, std::string& out) const {
    AppendPieceOf(spelling(), Type(token), Text(token), out);
  }
  TokenType Type(Token token) const {
    return static_cast<TokenType>(attributes_[static_cast<size_t>(token)] & kTypeMask);
  }
  bool EndsGeneration(Token token) const {
    return (attributes_[static_cast<size_t>(token)] & kEndsGeneration) != 0;
  }

  bool StripsLeft(Token token) const {
    return (attributes_[static_cast<size_t>(token)] & kStripsLeft) != 0;
  }
  bool StripsRight(Token token) const {
    return (attributes_[static_cast<size_t>(token)] & kStripsRight) != 0;
  }
  NormalForm normal_form() const {
    return static_cast<NormalForm>(header_->flags >> kNormalFormShift);
  }

  // The token whose text this is; kNoToken if there is none.
  Token Find(std::string_view text) const;
  // The same, only among tokens that text may become by merging.
  Token FindMergeable(std::string_view text) const { return FindMergeable(text, TextHash(text)); }
  // `hash`: TextHash(text), where the caller has it already.
  Token FindMergeable(std::string_view text, uint64_t hash) const;
  // Unigram only.
  float Score(Token token) const { return scores_[static_cast<size_t>(token)]; }
  const Charsmap& charsmap() const { return charsmap_; }

  struct Merge {
    uint32_t rank;
    uint32_t result;
  };
  std::optional<Merge> FindPair(uint32_t left, uint32_t right) const {
    return header_->pair_width == 2 ? FindPairOf<2>(left, right) : FindPairOf<3>(left, right);
  }

  std::span<const MatchNode> match_nodes() const {
    return match_nodes_;
  }  // one more than there are
  std::span<const uint8_t> match_labels() const { return match_labels_; }

 private:
  static constexpr uint64_t kCountBytes = sizeof(uint64_t);

  // The text whose length stands at `offset`; empty if it does not lie within the texts, which only
  // happens where they changed since they were checked.
  std::string_view TextAt(uint64_t offset) const {
    if (offset > texts_.size() || texts_.size() - offset < kCountBytes) return {};
    uint64_t bytes = 0;
    std::memcpy(&bytes, texts_.data() + offset, kCountBytes);
    if (bytes > texts_.size() - offset - kCountBytes) return {};
    return {reinterpret_cast<const char*>(texts_.data() + offset + kCountBytes), bytes};
  }

  // A slot's fields are compared and taken out by twos.
  template <uint32_t kWidth>
  std::optional<Merge> FindPairOf(uint32_t left, uint32_t right) const {
    constexpr uint64_t kBits = 8 * kWidth;
    constexpr uint64_t kMask = NarrowMask(kWidth);
    if (left >= kMask || right > kMask) return std::nullopt;
    const uint64_t wanted = left | uint64_t{right} << kBits;
    uint64_t at = FirstSlot(PairHash(left, right), pair_count_);
    for (uint32_t probe = 0; probe < kMaxProbes; ++probe, at = NextSlot(at, pair_count_)) {
      const uint8_t* slot = pair_slots_ + at * kPairFields * kWidth;
      uint64_t begin = 0;
      std::memcpy(&begin, slot, sizeof(begin));
      if ((begin & ((uint64_t{1} << 2 * kBits) - 1)) == wanted) {
        uint64_t end = 0;
        std::memcpy(&end, slot + kPairFields * kWidth - sizeof(end), sizeof(end));
        end >>= 64 - 2 * kBits;
        return Merge{static_cast<uint32_t>(end & kMask), static_cast<uint32_t>(end >> kBits)};
      }
      if ((begin & kMask) == kMask) return std::nullopt;
    }
    return std::nullopt;
  }

  Token FindHashed(std::string_view text, uint64_t hash) const;
  Result<void> BindUnigram(std::span<const std::byte> block);
  Result<void> Bind(std::span<const std::byte> block);
  Result<void> CheckHeader() const;
  Result<void> CheckTexts(std::span<const uint32_t> samples) const;
  Result<void> CheckSlots() const;
  Result<void> CheckContents() const;

  const TablesHeader* header_ = nullptr;
  const PreTokenizer* pre_ = nullptr;
  std::span<const std::byte> texts_;
  const uint32_t* text_samples_ = nullptr;
  const uint8_t* attributes_ = nullptr;
  const uint8_t* text_slots_ = nullptr;
  const uint8_t* pair_slots_ = nullptr;
  uint64_t text_count_ = 0;  // slots
  uint64_t pair_count_ = 0;
  std::span<const MatchNode> match_nodes_;
  std::span<const uint8_t> match_labels_;
  std::span<const float> scores_;
  Charsmap charsmap_;
};

}  // namespace ledge
