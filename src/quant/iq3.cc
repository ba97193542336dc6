// The types of 3 bits and a little: 256 values, 4 at a time a point of a lattice (iq_grids.h), with
// a sign each; 8 groups of 32 with a 4-bit scale s.
//
// IQ3_XXS, 98 bytes: half d; 64 x u8 points; 8 x u32: 4 x 7 sign bits (8 values each) and s on top.
//   value = sign * coordinate * (d * (s + 1/2) / 2).
// IQ3_S, 110 bytes: half d; 64 x u8: the points' low 8 bits; 8 x u8: their ninth bits; 32 x u8:
//   signs; 4 x u8: s, the low nibble first.
//   value = sign * coordinate * (d * (1 + 2 s)).
// Source: ggml's format definitions.
#include "quant/block_math.h"
#include "quant/codec.h"
#include "quant/iq_grids.h"

namespace ledge {
namespace codec_iq3 {

constexpr size_t kXxsBytes = 98;
constexpr size_t kSBytes = 110;
constexpr std::array<float, 8> kXxsCoordinates = {4, 12, 20, 28, 36, 44, 52, 62};
constexpr std::array<float, 8> kSCoordinates = {1, 3, 5, 7, 9, 11, 13, 15};

void DecodeFour(uint16_t point, const std::array<float, 8>& coordinates, uint32_t signs,
                float scale, float* values) {
  for (size_t i = 0; i < 4; ++i) {
    const float magnitude = scale * coordinates[point >> (3 * i) & 7];
    values[i] = (signs >> i & 1) != 0 ? -magnitude : magnitude;
  }
}

void DecodeXxs(const std::byte* blocks, size_t count, float* values) {
  for (size_t b = 0; b < count; ++b, blocks += kXxsBytes) {
    const float d = LoadF16(blocks);
    for (size_t i = 0; i < 64; ++i, values += 4) {
      const uint32_t rest = LoadU32(blocks + 66 + i / 8 * 4);
      const uint32_t signs = EvenSigns(rest >> (i % 8 / 2 * 7) & 127U);
      const float scale = d * (0.5F + static_cast<float>(rest >> 28)) * 0.5F;
      DecodeFour(kIq3XxsGrid[static_cast<uint8_t>(blocks[2 + i])], kXxsCoordinates,
                 signs >> (i % 2 * 4), scale, values);
    }
  }
}

void DecodeS(const std::byte* blocks, size_t count, float* values) {
  for (size_t b = 0; b < count; ++b, blocks += kSBytes) {
    const float d = LoadF16(blocks);
    for (size_t i = 0; i < 64; ++i, values += 4) {
      const uint32_t ninth = static_cast<uint32_t>(blocks[66 + i / 8]) >> (i % 8) & 1U;
      const uint32_t point = static_cast<uint32_t>(blocks[2 + i]) | ninth << 8;
      const uint32_t signs = static_cast<uint32_t>(blocks[74 + i / 2]) >> (i % 2 * 4);
      const uint32_t s = static_cast<uint32_t>(blocks[106 + i / 16]) >> (i / 8 % 2 * 4) & 15U;
      DecodeFour(kIq3SGrid[point], kSCoordinates, signs, d * static_cast<float>(1U + 2U * s),
                 values);
    }
  }
}

}  // namespace codec_iq3

const Codec kIq3XxsCodec = {TensorType::kIQ3_XXS, codec_iq3::DecodeXxs, nullptr,
                            FindBadHalf<codec_iq3::kXxsBytes, 0>};
const Codec kIq3SCodec = {TensorType::kIQ3_S, codec_iq3::DecodeS, nullptr,
                          FindBadHalf<codec_iq3::kSBytes, 0>};

}  // namespace ledge
