// The classes of characters that pre-tokenizers tell apart.
// Source: Unicode general categories (utf8proc) and the White_Space property.
#pragma once

#include <cstdint>
#include <string_view>

namespace ledge {

enum class RuneClass : uint8_t {
  kEnd,          // behind the text's last character
  kLetter,       // \p{L}
  kNumber,       // \p{N}
  kSpace,        // \s
  kPunctuation,  // \p{P}
  kMark,         // \p{M}
  kSymbol,       // \p{S}, and bytes of no valid character, as if they were U+FFFD
  kOther,        // everything else
};

RuneClass ClassOf(char32_t rune);

// Whether a letter or mark may stand in front of small letters in one word,
// [\p{Lu}\p{Lt}\p{Lm}\p{Lo}
// \p{M}], and whether it may stand among them, [\p{Ll}\p{Lm}\p{Lo}\p{M}].
bool IsCapitalLike(char32_t rune);
bool IsSmallLike(char32_t rune);

// The character at a place in a text.
struct RuneAt {
  char32_t value = 0;  // kInvalidRune for a byte that begins no valid sequence
  RuneClass klass = RuneClass::kEnd;
  uint32_t bytes = 0;  // 0 at the end
};
RuneAt PeekRune(std::string_view text, size_t at);

}  // namespace ledge
