// Numbers of 2 or 3 bytes, as the hash tables hold them.
#pragma once

#include <cstdint>
#include <cstring>

namespace ledge {

inline constexpr uint32_t NarrowMask(uint32_t width) { return (uint32_t{1} << 8 * width) - 1; }

// The largest number marks an empty slot, so numbers below it fit.
inline uint32_t NarrowWidth(uint32_t largest) { return largest < NarrowMask(2) ? 2 : 3; }

inline uint32_t LoadNarrow(const uint8_t* from, uint32_t width) {
  return from[0] | uint32_t{from[1]} << 8 | (width == 3 ? uint32_t{from[2]} << 16 : 0);
}

inline void StoreNarrow(uint8_t* to, uint32_t width, uint32_t number) {
  for (uint32_t i = 0; i < width; ++i) to[i] = static_cast<uint8_t>(number >> 8 * i);
}

}  // namespace ledge
