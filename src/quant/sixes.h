// The eight 6-bit scales and eight 6-bit minima in 12 bytes that Q4_K and Q5_K share; q4_k.cc
// describes the packing. For the codecs only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace ledge {

struct Sixes {
  std::array<uint8_t, 8> scale;
  std::array<uint8_t, 8> minimum;
};

inline Sixes UnpackSixes(const std::byte* packed) {
  const auto* p = reinterpret_cast<const uint8_t*>(packed);
  Sixes sixes;
  for (size_t g = 0; g < 4; ++g) {
    sixes.scale[g] = p[g] & 63;
    sixes.minimum[g] = p[g + 4] & 63;
    sixes.scale[g + 4] = static_cast<uint8_t>((p[g + 8] & 15) | ((p[g] >> 6) << 4));
    sixes.minimum[g + 4] = static_cast<uint8_t>((p[g + 8] >> 4) | ((p[g + 4] >> 6) << 4));
  }
  return sixes;
}

}  // namespace ledge
