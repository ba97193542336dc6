// The words that everything about tokens uses.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/token.h"

namespace ledge {

// Bytes [begin, end) of a text.
struct TextRange {
  size_t begin = 0;
  size_t end = 0;
  bool operator==(const TextRange&) const = default;
};

// How text becomes ids. Values are stored in files.
enum class TokenizerKind : uint32_t {
  kSpm = 1,        // GGUF "llama": SentencePiece BPE, merges by score, byte fallback
  kBpe = 2,        // GGUF "gpt2": byte-level BPE, merges by rank
  kWordPiece = 3,  // GGUF "bert": longest pieces of words
  kUnigram = 4,    // GGUF "t5": the most likely pieces
};

// The token types of GGUF (`tokenizer.ggml.token_type`). Values are stored in files.
enum class TokenType : uint8_t {
  kUndefined = 0,
  kNormal = 1,
  kUnknown = 2,
  kControl = 3,
  kUserDefined = 4,
  kUnused = 5,
  kByte = 6,
};

// Tokens with a role. Values are stored in files: append only.
enum class SpecialToken : uint32_t {
  kBos = 0,
  kEos,
  kEot,
  kEom,
  kUnk,
  kSep,
  kPad,
  kMask,
  kFimPrefix,
  kFimSuffix,
  kFimMiddle,
  kFimPad,
  kFimRepo,
  kFimFile,
};
inline constexpr size_t kSpecialTokens = 14;

}  // namespace ledge
