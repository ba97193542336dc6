// A model's vocabulary as its GGUF header states it: the input of BuildTables.
//
// Source: the keys `tokenizer.ggml.*` of the GGUF specification; where they are silent, llama.cpp's
// behaviour, because that is what makers of files test against. The keys `tokenizer.ledge.*` are
// ours (vocab_rules.h): what tokenizer.json says and GGUF can't.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "gguf/gguf.h"
#include "tokenizer/normal_form.h"
#include "tokenizer/space_rules.h"
#include "tokenizer/token.h"

namespace ledge {

inline constexpr uint64_t kMaxVocabTokens = 1 << 20;
inline constexpr uint64_t kMaxTokenBytes = 4096;
inline constexpr uint64_t kMaxVocabBytes = 32 << 20;  // all tokens' texts together
inline constexpr uint64_t kMaxMerges = 1 << 22;

struct Vocab {
  std::string file;  // how errors name it
  // What they call its keys, of a file that was made of others; may be null.
  std::shared_ptr<const KeyOrigins> key_origins;
  TokenizerKind kind = TokenizerKind::kBpe;
  std::string pre;           // BPE: name of the pre-tokenizer
  bool pre_missing = false;  // the file names none; `pre` is "default" then, as in llama.cpp
  std::vector<std::string_view>
      texts;                     // views into the header; an empty text can't be reached by text
  std::vector<TokenType> types;  // one a token
  std::vector<float> scores;     // SPM, Unigram: one a token, never NaN
  std::vector<std::string_view> merges;         // BPE: "left right", best first
  std::vector<bool> ends_generation;            // one a token
  std::array<Token, kSpecialTokens> special{};  // kNoToken where there is none
  bool add_bos = false;
  bool add_eos = false;
  // SPM, Unigram: a space in front of a text and behind special tokens. WordPiece: always, since a
  // word's first piece has one.
  bool add_space_prefix = false;
  bool merge_spaces = false;            // Unigram: spaces in a row are one
  std::span<const std::byte> charsmap;  // Unigram: charsmap.h; may be empty
  SpaceRules spaces;
  NormalForm normal_form = NormalForm::kNone;
  // Tokens that take the white space beside them along; empty where none does, else one a token.
  std::vector<bool> strips_left;
  std::vector<bool> strips_right;
  bool lowercase = false;      // WordPiece
  bool strip_accents = false;  // WordPiece

  Vocab() { special.fill(kNoToken); }
  // "FILE: KEY", or the key's origin: how messages begin.
  std::string Place(std::string_view key) const;
  Token& Special(SpecialToken role) { return special[static_cast<size_t>(role)]; }
  Token Special(SpecialToken role) const { return special[static_cast<size_t>(role)]; }
};

// Reads and checks the vocabulary. kUnsupported for a tokenizer model or pre-tokenizer that is not
// built in (naming those that are), kMalformed for contents that break the format. The header's
// bytes must outlive the result.
Result<Vocab> ReadVocab(const GgufHeader& header);

// The limits and rules that a Vocab must meet whoever made it; BuildTables checks them too.
Result<void> CheckVocab(const Vocab& vocab);

// Decides which tokens end a generation (eos, eot, eom and well-known names), finds eot and eom by
// name where the metadata has none, and makes tokens with such names control tokens.
void MarkEndOfGeneration(Vocab& vocab);

// The value of tokenizer.ggml.tokens, where a Tokenizer reads its tokens' texts: a u64 length and
// the bytes of each, one behind another. Empty if there is none.
std::span<const std::byte> TokenTextsOf(const GgufHeader& header);

}  // namespace ledge
