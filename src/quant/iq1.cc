// The types of less than 2 bits: 256 values, 8 at a time a point of one lattice (iq_grids.h) and a
// shift of 1/8 up or down.
//
// IQ1_S, 50 bytes: half d; 32 x u8: the points' low 8 bits; 8 x u16, a group of 32 each: 4 x 3
// upper
//   bits, 3 bits of scale s, and on top the shift's sign.
// IQ1_M, 56 bytes: 32 x u8: the points' low 8 bits; 16 x u8: a nibble a point, 3 upper bits and the
//   shift's sign; 4 x u16: 4 x 3 bits of s, one for 16 values; the upper 4 bits of the four are d.
// value = (coordinate + shift) * (d * (2 s + 1)). Source: ggml's format definitions.
#include "quant/block_math.h"
#include "quant/codec.h"
#include "quant/iq_grids.h"

namespace ledge {
namespace codec_iq1 {

constexpr size_t kSBytes = 50;
constexpr size_t kMBytes = 56;

void DecodeEight(uint32_t point, bool down, float scale, float* values) {
  const uint32_t coordinates = kIq1Grid[point];
  for (size_t i = 0; i < 8; ++i) {
    const float whole = static_cast<float>(coordinates >> (2 * i) & 3U) - 1.0F;
    values[i] = scale * (whole + (down ? -0.125F : 0.125F));
  }
}

void DecodeS(const std::byte* blocks, size_t count, float* values) {
  for (size_t b = 0; b < count; ++b, blocks += kSBytes) {
    const float d = LoadF16(blocks);
    for (size_t i = 0; i < 32; ++i, values += 8) {
      const uint32_t group = LoadU16(blocks + 34 + i / 4 * 2);
      const uint32_t point = static_cast<uint32_t>(blocks[2 + i]) | (group >> (i % 4 * 3) & 7U)
                                                                        << 8;
      const float scale = d * static_cast<float>(2U * (group >> 12 & 7U) + 1U);
      DecodeEight(point, (group & 0x8000U) != 0, scale, values);
    }
  }
}

float QuarteredHalf(const std::byte* words) {
  uint32_t bits = 0;
  for (size_t i = 0; i < 4; ++i)
    bits |= static_cast<uint32_t>(LoadU16(words + 2 * i) >> 12) << 4 * i;
  return F16ToF32(static_cast<uint16_t>(bits));
}

void DecodeM(const std::byte* blocks, size_t count, float* values) {
  for (size_t b = 0; b < count; ++b, blocks += kMBytes) {
    const float d = QuarteredHalf(blocks + 48);
    for (size_t i = 0; i < 32; ++i, values += 8) {
      const uint32_t nibble = static_cast<uint32_t>(blocks[32 + i / 2]) >> (i % 2 * 4) & 15U;
      const uint32_t point = static_cast<uint32_t>(blocks[i]) | (nibble & 7U) << 8;
      const uint32_t s = LoadU16(blocks + 48 + i / 8 * 2) >> (i % 8 / 2 * 3) & 7U;
      DecodeEight(point, (nibble & 8U) != 0, d * static_cast<float>(2U * s + 1U), values);
    }
  }
}

// d's sign and three bits of its exponent are in the last word, its other two in the one before.
size_t FindBadQuarters(const std::byte* blocks, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    const std::byte* words = blocks + i * kMBytes + 48;
    const unsigned high = (LoadU16(words + 6) & 0xF000U) | ((LoadU16(words + 4) & 0xF000U) >> 4);
    if ((high & 0x7C00U) == 0x7C00U) return i;
  }
  return count;
}

}  // namespace codec_iq1

const Codec kIq1SCodec = {TensorType::kIQ1_S, codec_iq1::DecodeS, nullptr,
                          FindBadHalf<codec_iq1::kSBytes, 0>};
const Codec kIq1MCodec = {TensorType::kIQ1_M, codec_iq1::DecodeM, nullptr,
                          codec_iq1::FindBadQuarters};

}  // namespace ledge
