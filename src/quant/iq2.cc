// The types of 2 bits and a little: 256 values, 8 at a time a point of a lattice (iq_grids.h) and 8
// signs; 8 groups of 32, each with one or two 4-bit scales s.
//
// IQ2_XXS, 66 bytes: half d; 8 bytes a group: 4 x u8 points; u32 with 4 x 7 sign bits and s on top.
// IQ2_XS, 74 bytes: half d; 32 x u16: 9 bits of point, 7 of signs; 8 x u8: s of a group's halves.
// IQ2_S, 82 bytes: half d; 32 x u8: the points' low 8 bits; 32 x u8 signs; 8 x u8: the points'
// upper
//   bits, 2 each; 8 x u8: s of a group's halves, the low nibble first.
// value = sign * coordinate * (d * (s + 1/2) / 4). Source: ggml's format definitions.
#include "quant/block_math.h"
#include "quant/codec.h"
#include "quant/iq_grids.h"

namespace ledge {
namespace codec_iq2 {

constexpr size_t kXxsBytes = 66;
constexpr size_t kXsBytes = 74;
constexpr size_t kSBytes = 82;
constexpr std::array<float, 4> kCoordinates = {8.0F, 25.0F, 43.0F, 0.0F};

float ScaleOf(float d, uint32_t s) { return d * (0.5F + static_cast<float>(s)) * 0.25F; }

void DecodeEight(uint16_t point, uint8_t signs, float scale, float* values) {
  for (size_t i = 0; i < 8; ++i) {
    const float magnitude = scale * kCoordinates[point >> (2 * i) & 3];
    values[i] = (signs >> i & 1) != 0 ? -magnitude : magnitude;
  }
}

void DecodeXxs(const std::byte* blocks, size_t count, float* values) {
  for (size_t b = 0; b < count; ++b, blocks += kXxsBytes) {
    const float d = LoadF16(blocks);
    for (size_t g = 0; g < 8; ++g) {
      const std::byte* group = blocks + 2 + 8 * g;
      const uint32_t rest = LoadU32(group + 4);
      for (size_t i = 0; i < 4; ++i, values += 8) {
        DecodeEight(kIq2XxsGrid[static_cast<uint8_t>(group[i])], EvenSigns(rest >> (7 * i) & 127U),
                    ScaleOf(d, rest >> 28), values);
      }
    }
  }
}

void DecodeXs(const std::byte* blocks, size_t count, float* values) {
  for (size_t b = 0; b < count; ++b, blocks += kXsBytes) {
    const float d = LoadF16(blocks);
    for (size_t i = 0; i < 32; ++i, values += 8) {
      const uint32_t both = LoadU16(blocks + 2 + 2 * i);
      const uint32_t s = static_cast<uint32_t>(blocks[66 + i / 4]) >> (i % 4 / 2 * 4) & 15U;
      DecodeEight(kIq2XsGrid[both & 511U], EvenSigns(both >> 9), ScaleOf(d, s), values);
    }
  }
}

void DecodeS(const std::byte* blocks, size_t count, float* values) {
  for (size_t b = 0; b < count; ++b, blocks += kSBytes) {
    const float d = LoadF16(blocks);
    for (size_t i = 0; i < 32; ++i, values += 8) {
      const uint32_t upper = static_cast<uint32_t>(blocks[66 + i / 4]) >> (i % 4 * 2) & 3U;
      const uint32_t point = static_cast<uint32_t>(blocks[2 + i]) | upper << 8;
      const uint32_t s = static_cast<uint32_t>(blocks[74 + i / 4]) >> (i % 4 / 2 * 4) & 15U;
      DecodeEight(kIq2SGrid[point], static_cast<uint8_t>(blocks[34 + i]), ScaleOf(d, s), values);
    }
  }
}

}  // namespace codec_iq2

const Codec kIq2XxsCodec = {TensorType::kIQ2_XXS, codec_iq2::DecodeXxs, nullptr,
                            FindBadHalf<codec_iq2::kXxsBytes, 0>};
const Codec kIq2XsCodec = {TensorType::kIQ2_XS, codec_iq2::DecodeXs, nullptr,
                           FindBadHalf<codec_iq2::kXsBytes, 0>};
const Codec kIq2SCodec = {TensorType::kIQ2_S, codec_iq2::DecodeS, nullptr,
                          FindBadHalf<codec_iq2::kSBytes, 0>};

}  // namespace ledge
