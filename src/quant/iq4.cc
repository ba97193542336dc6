// The 4-bit types whose nibbles choose from a table of 16 values.
//
// IQ4_NL: 32 values in 18 bytes: half d; 16 x u8, low nibbles are values 0..15, high ones 16..31.
//   value = table[nibble] * d.
// IQ4_XS: 256 values in 136 bytes, 8 groups of 32 with a 6-bit scale s each:
//   0  half d
//   2  u16: bits 2 g, 2 g + 1 are the upper bits of group g's s
//   4  4 x u8: the nibbles, low ones first, are the lower bits of s
//   8  128 x u8: 16 bytes a group, as in IQ4_NL
//   value = table[nibble] * (d * (s - 32)).
// MXFP4: 32 values in 17 bytes: u8 e; 16 x u8 as in IQ4_NL. A nibble is a float of one sign, two
//   exponent and one mantissa bits (table: twice its value); the scale is 2^(e - 127), and e = 255
//   is NaN.
// Sources: ggml's format definitions; OCP Microscaling Formats 1.0, 5.3 and 5.4.
#include <bit>

#include "quant/block_math.h"
#include "quant/codec.h"
#include "quant/nibble_tables.h"

namespace ledge {
namespace codec_iq4 {

constexpr size_t kNlBytes = 18;
constexpr size_t kXsBytes = 136;
constexpr size_t kMxBytes = 17;

void Decode32(const std::byte* nibbles, const std::array<int8_t, 16>& table, float scale,
              float* values) {
  for (size_t i = 0; i < 16; ++i) {
    const auto both = static_cast<uint8_t>(nibbles[i]);
    values[i] = scale * static_cast<float>(table[both & 15]);
    values[i + 16] = scale * static_cast<float>(table[both >> 4]);
  }
}

void DecodeNl(const std::byte* blocks, size_t count, float* values) {
  for (size_t b = 0; b < count; ++b, blocks += kNlBytes, values += 32)
    Decode32(blocks + 2, kIq4Values, LoadF16(blocks), values);
}

void DecodeXs(const std::byte* blocks, size_t count, float* values) {
  for (size_t b = 0; b < count; ++b, blocks += kXsBytes) {
    const float d = LoadF16(blocks);
    const uint32_t upper = LoadU16(blocks + 2);
    for (size_t g = 0; g < 8; ++g, values += 32) {
      const int lower = static_cast<uint8_t>(blocks[4 + g / 2]) >> (g % 2 * 4) & 15;
      const int scale = lower | static_cast<int>(upper >> (2 * g) & 3U) << 4;
      Decode32(blocks + 8 + 16 * g, kIq4Values, d * static_cast<float>(scale - 32), values);
    }
  }
}

// 2^(e - 128), half the scale, since the table has twice the values: subnormal for e below 2.
float HalfScale(uint8_t e) {
  return std::bit_cast<float>(e < 2 ? 0x200000U << e : static_cast<uint32_t>(e - 1) << 23);
}

void DecodeMx(const std::byte* blocks, size_t count, float* values) {
  for (size_t b = 0; b < count; ++b, blocks += kMxBytes, values += 32)
    Decode32(blocks + 1, kMxfp4Values, HalfScale(static_cast<uint8_t>(blocks[0])), values);
}

size_t FindNanScale(const std::byte* blocks, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (blocks[i * kMxBytes] == std::byte{0xFF}) return i;
  }
  return count;
}

}  // namespace codec_iq4

const Codec kIq4NlCodec = {TensorType::kIQ4_NL, codec_iq4::DecodeNl, nullptr,
                           FindBadHalf<codec_iq4::kNlBytes, 0>};
const Codec kIq4XsCodec = {TensorType::kIQ4_XS, codec_iq4::DecodeXs, nullptr,
                           FindBadHalf<codec_iq4::kXsBytes, 0>};
const Codec kMxfp4Codec = {TensorType::kMXFP4, codec_iq4::DecodeMx, nullptr,
                           codec_iq4::FindNanScale};

}  // namespace ledge
