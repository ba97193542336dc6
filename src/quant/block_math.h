// What the block formats have in common. For the codecs only.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "quant/half.h"

namespace ledge {

// To nearest, ties away from zero, held within [low, high]; NaN gives `low`.
inline int RoundWithin(float value, int low, int high) {
  if (!(value > static_cast<float>(low))) return low;
  if (!(value < static_cast<float>(high))) return high;
  return static_cast<int>(std::round(value));
}

// As RoundWithin, the way ggml's 4-bit formats do it: floor(value + 0.5) for values from 0 up.
inline uint8_t Nibble(float value) {
  const float raised = value + 0.5F;
  if (!(raised > 0.0F)) return 0;
  return raised >= 15.0F ? uint8_t{15} : static_cast<uint8_t>(raised);
}

// 1 / value, but 0 where that would not be finite: blocks of nothing but (nearly) zero.
inline float InverseOrZero(float value) {
  const float inverse = 1.0F / value;
  return std::isfinite(inverse) ? inverse : 0.0F;
}

// The value of largest magnitude, with its sign; the first of equals.
inline float SignedPeak(const float* values, size_t count) {
  float peak = 0.0F;
  for (size_t i = 0; i < count; ++i) {
    if (std::fabs(values[i]) > std::fabs(peak)) peak = values[i];
  }
  return peak;
}

// The first of `count` blocks in which one of the halves at byte offsets kAt is NaN or infinite.
// The test has no branch inside a run of blocks, so that checking keeps up with reading.
template <size_t kBlockBytes, size_t... kAt>
size_t FindBadHalf(const std::byte* blocks, size_t count) {
  // An exponent of all ones, and nothing else, carries into bit 15.
  const auto bad = [](const std::byte* block) {
    return ((((LoadU16(block + kAt) & 0x7C00U) + 0x0400U) & 0x8000U) | ...);
  };
  constexpr size_t kRun = 256;
  for (size_t begin = 0; begin < count; begin += kRun) {
    const size_t end = std::min(count, begin + kRun);
    uint32_t any = 0;
    for (size_t i = begin; i < end; ++i) any |= bad(blocks + i * kBlockBytes);
    if (any == 0) continue;
    for (size_t i = begin; i < end; ++i) {
      if (bad(blocks + i * kBlockBytes) != 0) return i;
    }
  }
  return count;
}

}  // namespace ledge
