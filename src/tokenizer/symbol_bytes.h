// What a symbol that no token stands for is made of (table_format.h).
#pragma once

#include <cstdint>
#include <string>

#include "base/utf8.h"
#include "tokenizer/table_format.h"

namespace ledge {

// The bytes of a kByteSymbol or kRuneSymbol.
inline std::string BytesOfSymbol(uint32_t symbol) {
  std::string bytes;
  if (symbol >= kByteSymbol) {
    bytes.push_back(static_cast<char>(symbol & 0xFF));
  } else {
    Utf8Append(bytes, symbol & ~kRuneSymbol);
  }
  return bytes;
}

}  // namespace ledge
