// Q4_K: 256 values in 144 bytes, 8 groups of 32 with a 6-bit scale s and a 6-bit minimum m each.
//   0   half  d
//   2   half  dmin
//   4   12 x u8: groups 0..3: s is the low 6 bits of byte g, m of byte 4+g; groups 4..7: the low 4
//   bits of
//       s and m are the low and high nibble of byte 4+g, their upper 2 bits the top bits of byte
//       g-4 and g
//   16  128 x u8: 32 bytes for two groups, the low nibbles are the first
// value = nibble * (d * s) - dmin * m. Source: ggml's format definition.
#include <array>
#include <cstring>

#include "quant/block_math.h"
#include "quant/codec.h"
#include "quant/sixes.h"

namespace ledge {
namespace codec_q4_k {

constexpr size_t kValues = 256;
constexpr size_t kBytes = 144;
constexpr size_t kGroups = 8;
constexpr size_t kGroupValues = 32;

void Pack(const Sixes& sixes, std::byte* packed) {
  for (size_t g = 0; g < 4; ++g) {
    packed[g] = static_cast<std::byte>(sixes.scale[g] | ((sixes.scale[g + 4] >> 4) << 6));
    packed[g + 4] = static_cast<std::byte>(sixes.minimum[g] | ((sixes.minimum[g + 4] >> 4) << 6));
    packed[g + 8] =
        static_cast<std::byte>((sixes.scale[g + 4] & 15) | ((sixes.minimum[g + 4] & 15) << 4));
  }
}

void Decode(const std::byte* blocks, size_t count, float* values) {
  for (size_t b = 0; b < count; ++b, blocks += kBytes) {
    const float d = LoadF16(blocks);
    const float dmin = LoadF16(blocks + 2);
    const Sixes sixes = UnpackSixes(blocks + 4);
    const auto* nibbles = reinterpret_cast<const uint8_t*>(blocks + 16);
    for (size_t g = 0; g < kGroups; ++g, values += kGroupValues) {
      const float scale = d * static_cast<float>(sixes.scale[g]);
      const float minimum = dmin * static_cast<float>(sixes.minimum[g]);
      const uint8_t* group = nibbles + (g / 2) * kGroupValues;
      const int shift = g % 2 == 0 ? 0 : 4;
      for (size_t i = 0; i < kGroupValues; ++i) {
        values[i] = scale * static_cast<float>((group[i] >> shift) & 15) - minimum;
      }
    }
  }
}

void EncodeBlock(const float* values, std::byte* block) {
  std::array<float, kGroups> steps;
  std::array<float, kGroups> depths;  // how far below zero a group reaches
  for (size_t g = 0; g < kGroups; ++g) {
    const float* group = values + g * kGroupValues;
    const auto [low, high] = std::minmax_element(group, group + kGroupValues);
    depths[g] = std::max(0.0F, -*low);
    steps[g] = (*high + depths[g]) / 15.0F;
    if (!(steps[g] > 0.0F)) steps[g] = 0.0F;
  }
  const uint16_t d_bits = F32ToF16Saturated(*std::ranges::max_element(steps) / 63.0F);
  const uint16_t dmin_bits = F32ToF16Saturated(*std::ranges::max_element(depths) / 63.0F);
  const float d = F16ToF32(d_bits);
  const float dmin = F16ToF32(dmin_bits);
  Sixes sixes;
  for (size_t g = 0; g < kGroups; ++g) {
    sixes.scale[g] = static_cast<uint8_t>(RoundWithin(steps[g] * InverseOrZero(d), 0, 63));
    sixes.minimum[g] = static_cast<uint8_t>(RoundWithin(depths[g] * InverseOrZero(dmin), 0, 63));
  }
  StoreU16(block, d_bits);
  StoreU16(block + 2, dmin_bits);
  Pack(sixes, block + 4);
  std::memset(block + 16, 0, kValues / 2);
  for (size_t g = 0; g < kGroups; ++g) {
    const float inverse = InverseOrZero(d * static_cast<float>(sixes.scale[g]));
    const float minimum = dmin * static_cast<float>(sixes.minimum[g]);
    std::byte* group = block + 16 + (g / 2) * kGroupValues;
    for (size_t i = 0; i < kGroupValues; ++i) {
      const uint8_t nibble = Nibble((values[g * kGroupValues + i] + minimum) * inverse);
      group[i] |= static_cast<std::byte>(nibble << (g % 2 == 0 ? 0 : 4));
    }
  }
}

void Encode(const float* values, size_t count, std::byte* blocks) {
  for (size_t b = 0; b < count; ++b) EncodeBlock(values + b * kValues, blocks + b * kBytes);
}

}  // namespace codec_q4_k

const Codec kQ4KCodec = {TensorType::kQ4_K, codec_q4_k::Decode, codec_q4_k::Encode,
                         FindBadHalf<codec_q4_k::kBytes, 0, 2>};

}  // namespace ledge
