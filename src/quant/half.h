// 16-bit floats <-> float, in plain integer arithmetic: exact, the same on every machine, and
// whatever the processor does with subnormal floats. Rounding is to nearest, ties to even; NaN
// stays NaN (made quiet). Source: IEEE 754 binary16; bfloat16 is the upper half of binary32.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace ledge {

inline constexpr uint16_t kF16Largest = 0x7BFF;  // 65504

inline float F16ToF32(uint16_t half) {
  constexpr uint32_t kSmallest = 113U << 23;  // 2^-14, the smallest normal half
  const uint32_t magnitude = static_cast<uint32_t>(half & 0x7FFFU) << 13;
  const uint32_t exponent = magnitude & (0x7C00U << 13);
  uint32_t bits = magnitude + ((127U - 15U) << 23);
  if (exponent == (0x7C00U << 13)) {
    bits += (128U - 16U) << 23;
  } else if (exponent == 0) {
    // With an implicit one in front, which the subtraction takes away again and normalises.
    bits = std::bit_cast<uint32_t>(std::bit_cast<float>(bits + (1U << 23)) -
                                   std::bit_cast<float>(kSmallest));
  }
  return std::bit_cast<float>(bits | (static_cast<uint32_t>(half & 0x8000U) << 16));
}

inline uint16_t F32ToF16(float value) {
  constexpr uint32_t kInfinity = 255U << 23;
  constexpr uint32_t kTooLarge = (127U + 16U) << 23;  // 65536
  constexpr uint32_t kSmallest = 113U << 23;
  constexpr uint32_t kAligner = ((127U - 15U) + (23U - 10U) + 1U) << 23;
  uint32_t bits = std::bit_cast<uint32_t>(value);
  const auto sign = static_cast<uint16_t>((bits & 0x80000000U) >> 16);
  bits &= 0x7FFFFFFFU;
  uint32_t half = 0;
  if (bits > kInfinity) {
    half = 0x7E00U | ((bits >> 13) & 0x3FFU);
  } else if (bits >= kTooLarge) {
    half = 0x7C00U;
  } else if (bits < kSmallest) {
    // The addition shifts the mantissa to where a subnormal half has it, and rounds.
    const float aligned = std::bit_cast<float>(bits) + std::bit_cast<float>(kAligner);
    half = std::bit_cast<uint32_t>(aligned) - kAligner;
  } else {
    const uint32_t odd = (bits >> 13) & 1U;
    half = (bits - ((127U - 15U) << 23) + 0xFFFU + odd) >> 13;
  }
  return static_cast<uint16_t>(sign | half);
}

// For block scales: never infinite, the largest half instead. `value` must not be NaN.
inline uint16_t F32ToF16Saturated(float value) {
  const uint16_t half = F32ToF16(value);
  return (half & 0x7FFFU) > kF16Largest ? static_cast<uint16_t>((half & 0x8000U) | kF16Largest)
                                        : half;
}

inline float Bf16ToF32(uint16_t half) {
  return std::bit_cast<float>(static_cast<uint32_t>(half) << 16);
}

inline uint16_t F32ToBf16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  if ((bits & 0x7FFFFFFFU) > 0x7F800000U) return static_cast<uint16_t>((bits >> 16) | 0x40U);
  return static_cast<uint16_t>((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16);
}

// 16 and 32 bits at an address of any alignment.
inline uint16_t LoadU16(const std::byte* at) {
  uint16_t bits;
  std::memcpy(&bits, at, sizeof(bits));
  return bits;
}
inline uint32_t LoadU32(const std::byte* at) {
  uint32_t bits;
  std::memcpy(&bits, at, sizeof(bits));
  return bits;
}
inline void StoreU16(std::byte* at, uint16_t bits) { std::memcpy(at, &bits, sizeof(bits)); }
inline float LoadF16(const std::byte* at) { return F16ToF32(LoadU16(at)); }

}  // namespace ledge
