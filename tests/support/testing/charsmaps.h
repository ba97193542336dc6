// A precompiled character map as SentencePiece writes it, made by hand: "A" becomes "a".
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace ledge::testing {

inline std::string CapitalACharsmap() {
  std::vector<uint32_t> units(256, 0x7FFFFFFF);
  units[0] = 1U << 10;                        // children at 1 ^ label
  units[1 ^ 'A'] = 'A' | 1U << 8 | 2U << 10;  // a value at (1 ^ 'A') ^ 2
  units[(1 ^ 'A') ^ 2] = 0x80000000;          // the first replacement
  std::string bytes(sizeof(uint32_t), '\0');
  const auto length = static_cast<uint32_t>(units.size() * sizeof(uint32_t));
  std::memcpy(bytes.data(), &length, sizeof(length));
  bytes.append(reinterpret_cast<const char*>(units.data()), length);
  return bytes + std::string("a\0", 2);
}

}  // namespace ledge::testing
