// Characters as symbols that merge (table_format.h), and symbols that are tokens or were none back
// to ids: for BPE over characters.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/utf8.h"
#include "tokenizer/table_format.h"
#include "tokenizer/table_view.h"

namespace ledge {

// The character's token, or a symbol that stands for it where it has none. `rune` is kInvalidRune
// for a byte of no valid character.
inline uint32_t SymbolOf(const TableView& tables, std::string_view character, char32_t rune) {
  const Token token = tables.FindMergeable(character);
  if (token != kNoToken) return static_cast<uint32_t>(token);
  if (rune == kInvalidRune) return kByteSymbol | static_cast<uint8_t>(character[0]);
  return kRuneSymbol | rune;
}

// The bytes of a symbol that is no token.
inline std::string BytesOfSymbol(uint32_t symbol) {
  std::string bytes;
  if (symbol >= kByteSymbol) {
    bytes.push_back(static_cast<char>(symbol & 0xFF));
  } else {
    Utf8Append(bytes, symbol & ~kRuneSymbol);
  }
  return bytes;
}

// Appends the tokens to `out`, and calls append_bytes(bytes) for each symbol that is none.
template <typename AppendBytes>
void AppendTokens(std::span<const uint32_t> symbols, std::vector<Token>& out,
                  AppendBytes&& append_bytes) {
  for (const uint32_t symbol : symbols) {
    if (symbol < kRuneSymbol) {
      out.push_back(static_cast<Token>(symbol));
    } else {
      append_bytes(BytesOfSymbol(symbol));
    }
  }
}

}  // namespace ledge
