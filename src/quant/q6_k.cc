// Q6_K: 256 values in 210 bytes, 16 groups of 16 with an 8-bit scale s each.
//   0    128 x u8  lower 4 bits
//   128  64 x u8   upper 2 bits
//   192  16 x i8   s
//   208  half      d
// Each half of 128 values takes 64 lower and 32 upper bytes. Of its values l + 32k (l < 32, k < 4)
// the lower bits stand in byte l + 32(k%2), low nibble for k < 2, and the upper bits in byte l at
// bit 2k. value = (d * s) * (six bits - 32). Source: ggml's format definition.
#include <array>
#include <cstring>

#include "quant/block_math.h"
#include "quant/codec.h"

namespace ledge {
namespace codec_q6_k {

constexpr size_t kValues = 256;
constexpr size_t kBytes = 210;
constexpr size_t kGroups = 16;
constexpr size_t kGroupValues = 16;
constexpr size_t kUpper = 128;
constexpr size_t kScales = 192;
constexpr size_t kD = 208;

void DecodeHalf(const uint8_t* lower, const uint8_t* upper, const int8_t* scales, float d,
                float* values) {
  for (size_t k = 0; k < 4; ++k) {
    const std::array<float, 2> scale = {d * static_cast<float>(scales[2 * k]),
                                        d * static_cast<float>(scales[2 * k + 1])};
    const uint8_t* nibbles = lower + 32 * (k % 2);
    const int nibble_shift = k < 2 ? 0 : 4;
    for (size_t l = 0; l < 32; ++l) {
      const int six = ((nibbles[l] >> nibble_shift) & 15) | (((upper[l] >> (2 * k)) & 3) << 4);
      values[32 * k + l] = scale[l / kGroupValues] * static_cast<float>(six - 32);
    }
  }
}

void Decode(const std::byte* blocks, size_t count, float* values) {
  for (size_t b = 0; b < count; ++b, blocks += kBytes, values += kValues) {
    const float d = LoadF16(blocks + kD);
    const auto* lower = reinterpret_cast<const uint8_t*>(blocks);
    const auto* upper = reinterpret_cast<const uint8_t*>(blocks + kUpper);
    const auto* scales = reinterpret_cast<const int8_t*>(blocks + kScales);
    DecodeHalf(lower, upper, scales, d, values);
    DecodeHalf(lower + 64, upper + 32, scales + 8, d, values + 128);
  }
}

void EncodeBlock(const float* values, std::byte* block) {
  std::array<float, kGroups> steps;
  for (size_t g = 0; g < kGroups; ++g) {
    steps[g] = SignedPeak(values + g * kGroupValues, kGroupValues) / -32.0F;
  }
  const uint16_t d_bits = F32ToF16Saturated(SignedPeak(steps.data(), kGroups) / -128.0F);
  const float d = F16ToF32(d_bits);
  const float inverse_d = InverseOrZero(d);
  std::memset(block, 0, kScales);
  StoreU16(block + kD, d_bits);
  for (size_t g = 0; g < kGroups; ++g) {
    const int scale = RoundWithin(steps[g] * inverse_d, -128, 127);
    block[kScales + g] = static_cast<std::byte>(static_cast<int8_t>(scale));
    const float inverse = InverseOrZero(d * static_cast<float>(scale));
    for (size_t i = g * kGroupValues; i < (g + 1) * kGroupValues; ++i) {
      const auto six = static_cast<unsigned>(RoundWithin(values[i] * inverse, -32, 31) + 32);
      const size_t half = i / 128;
      const size_t k = i % 128 / 32;
      const size_t l = i % 32;
      block[64 * half + 32 * (k % 2) + l] |= static_cast<std::byte>((six & 15) << (k < 2 ? 0 : 4));
      block[kUpper + 32 * half + l] |= static_cast<std::byte>((six >> 4) << (2 * k));
    }
  }
}

void Encode(const float* values, size_t count, std::byte* blocks) {
  for (size_t b = 0; b < count; ++b) EncodeBlock(values + b * kValues, blocks + b * kBytes);
}

}  // namespace codec_q6_k

const Codec kQ6KCodec = {TensorType::kQ6_K, codec_q6_k::Decode, codec_q6_k::Encode,
                         FindBadHalf<codec_q6_k::kBytes, codec_q6_k::kD>};

}  // namespace ledge
