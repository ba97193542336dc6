// SentencePiece's precompiled character map: which beginnings of a text are replaced by what.
//
// Source: sentencepiece's normalizer and Darts-clone, whose double array it holds: a u32 length, so
// many bytes of u32 units, then the replacements, each ending in a zero. A unit has its label in
// bits 0 to 7 and 31, "a value follows" in bit 8, and the offset to its children in bits 10 to 30,
// shifted by 8 more where bit 9 is set; a value is where its replacement begins. Untrusted: every
// step is checked, so whatever the bytes are, a lookup ends and stays inside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"

namespace ledge {

inline constexpr uint64_t kMaxCharsmapBytes = 4 << 20;

class Charsmap {
 public:
  // A map that replaces nothing.
  Charsmap() = default;
  // `bytes` must outlive it; empty is fine. kMalformed, saying what is wrong, if the lengths don't
  // fit.
  static Result<Charsmap> Open(std::span<const std::byte> bytes);

  struct Match {
    size_t bytes = 0;  // of the text; 0: nothing is replaced
    std::string_view replacement;
  };
  // The longest beginning of `text` that is replaced.
  Match Find(std::string_view text) const;

 private:
  uint32_t Unit(size_t index) const;

  std::span<const std::byte> units_;
  std::string_view replacements_;
};

}  // namespace ledge
