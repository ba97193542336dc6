// Text to token ids and back, as the model was trained with.
//
//   LEDGE_TRY(const auto block, BuildTables(vocab));      // once, at import
//   // In each process, from the mapping:
//   LEDGE_TRY(const auto tokenizer, Tokenizer::Open(block, TokenTextsOf(header)));
//   LEDGE_TRY(const auto ids, tokenizer.Encode("Hello", {.add_special = true}));
//
// Text is any bytes. Bytes that are no valid UTF-8 are encoded one by one (byte tokens of SPM,
// byte-level tokens of BPE) and come back as they were.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tokenizer/table_view.h"
#include "tokenizer/token.h"
#include "tokenizer/vocab.h"

namespace ledge {

// Encode needs up to 32 bytes of memory a byte of text while it runs.
inline constexpr uint64_t kMaxTextBytes = 64 << 20;

struct EncodeOptions {
  bool add_special = false;  // BOS and EOS, as the model's metadata asks
  bool parse_special =
      false;  // the text of control tokens becomes these tokens. User-defined tokens are
              // found in any case: they are ordinary text with an id of its own
  // With parse_special: where control tokens' text is text all the same (what a user wrote inside a
  // chat template). Ascending, disjoint ranges of bytes.
  std::span<const TextRange> plain = {};
};

struct DecodeOptions {
  bool show_special = false;       // control and unknown tokens as their text
  bool remove_added = false;       // without the BOS and EOS that add_special puts there
  bool strip_space_prefix = true;  // SPM: without the spaces that Encode puts in front of fragments
};

// All calls are const and may be made by any number of threads at once. Copies share the block.
class Tokenizer {
 public:
  // `tables`: what BuildTables made, at a multiple of 8 bytes; may be followed by padding. `texts`:
  // TokenTextsOf the same model's header. Both must outlive the tokenizer.
  static Result<Tokenizer> Open(std::span<const std::byte> tables,
                                std::span<const std::byte> texts);

  // kUsage for a text over kMaxTextBytes.
  Result<std::vector<Token>> Encode(std::string_view text, EncodeOptions options = {}) const;
  // With remove_added and show_special set as add_special and parse_special were, Decode gives
  // Encode's text back, but for U+2581, which SPM can't tell from a space, and for bytes that no
  // token stands for. WordPiece gives words back without what its normalisation removed. kUsage for
  // an id that is no token.
  Result<std::string> Decode(std::span<const Token> tokens, DecodeOptions options = {}) const;

  // What one token prints, possibly a part of a character: for streams, which hold back an
  // incomplete UTF-8 sequence (Utf8CompletePrefix). Nothing is stripped. Only for tokens that are
  // IsToken.
  std::string Piece(Token token) const {
    std::string piece;
    tables_.AppendPiece(token, piece);
    return piece;
  }
  // Appends Piece(token), or nothing for a hidden token (control, unknown) unless `show_special`.
  void AppendPiece(Token token, bool show_special, std::string& out) const;
  // The text as the model file spells it. Only for tokens that are IsToken.
  std::string_view TokenText(Token token) const { return tables_.Text(token); }
  // The token spelled so in the model file; kNoToken if there is none.
  Token Find(std::string_view token_text) const { return tables_.Find(token_text); }

  uint32_t vocab_size() const { return tables_.size(); }
  bool IsToken(Token token) const {
    return token >= 0 && static_cast<uint32_t>(token) < vocab_size();
  }
  TokenizerKind kind() const { return static_cast<TokenizerKind>(tables_.header().kind); }
  std::string_view pre() const;  // BPE: the pre-tokenizer's name as in the model file; SPM: empty
  bool adds_bos() const { return tables_.Has(kFlagAddBos); }
  bool adds_eos() const { return tables_.Has(kFlagAddEos); }
  bool adds_space_prefix() const { return tables_.Has(kFlagAddSpacePrefix); }

  // kNoToken where the model has none.
  Token special(SpecialToken role) const {
    return tables_.header().special[static_cast<size_t>(role)];
  }
  Token bos() const { return special(SpecialToken::kBos); }
  Token eos() const { return special(SpecialToken::kEos); }
  Token eot() const { return special(SpecialToken::kEot); }
  Token eom() const { return special(SpecialToken::kEom); }
  Token unk() const { return special(SpecialToken::kUnk); }
  Token pad() const { return special(SpecialToken::kPad); }

  // False for what is no token.
  bool IsControl(Token token) const { return IsToken(token) && Type(token) == TokenType::kControl; }
  bool IsEndOfGeneration(Token token) const {
    return IsToken(token) && tables_.EndsGeneration(token);
  }
  // Only for tokens that are IsToken.
  TokenType Type(Token token) const { return tables_.Type(token); }

 private:
  explicit Tokenizer(const TableView& tables) : tables_(tables) {}

  bool IsHidden(Token token) const {
    return Type(token) == TokenType::kControl || Type(token) == TokenType::kUnknown;
  }

  // Whether Encode cuts it out of the text, so that a new fragment begins behind it.
  bool IsCutOut(Token token) const;

  TableView tables_;
};

}  // namespace ledge
