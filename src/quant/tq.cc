// Ternary types: 256 values -1, 0 or 1, and one scale.
//
// TQ1_0, 54 bytes: 48 x u8 with five values each, 4 x u8 with four, half d. A byte is a fraction of
//   256 in base 3, rounded up: multiplied by 3 it carries its next value out. The first 32 bytes
//   have values 32 n + i, the next 16 values 160 + 16 n + i, the last 4 values 240 + 4 n + i.
// TQ2_0, 66 bytes: 64 x u8, half d; 32 bytes a half of the values, bits 2 j, 2 j + 1 its j-th 32.
// value = (q - 1) * d. Source: ggml's format definitions.
#include "quant/block_math.h"
#include "quant/codec.h"

namespace ledge {
namespace codec_tq {

constexpr size_t kTq1Bytes = 54;
constexpr size_t kTq2Bytes = 66;

// `bytes` bytes that hold `digits` values each; value n of byte i goes to n * bytes + i.
float* DecodeDigits(const std::byte* packed, size_t bytes, size_t digits, float d, float* values) {
  for (size_t i = 0; i < bytes; ++i) {
    auto fraction = static_cast<uint32_t>(packed[i]);
    for (size_t n = 0; n < digits; ++n) {
      fraction *= 3U;
      values[n * bytes + i] = static_cast<float>(static_cast<int>(fraction >> 8) - 1) * d;
      fraction &= 0xFFU;
    }
  }
  return values + bytes * digits;
}

void DecodeTq1(const std::byte* blocks, size_t count, float* values) {
  for (size_t b = 0; b < count; ++b, blocks += kTq1Bytes) {
    const float d = LoadF16(blocks + 52);
    values = DecodeDigits(blocks, 32, 5, d, values);
    values = DecodeDigits(blocks + 32, 16, 5, d, values);
    values = DecodeDigits(blocks + 48, 4, 4, d, values);
  }
}

void DecodeTq2(const std::byte* blocks, size_t count, float* values) {
  for (size_t b = 0; b < count; ++b, blocks += kTq2Bytes, values += 256) {
    const float d = LoadF16(blocks + 64);
    for (size_t i = 0; i < 256; ++i) {
      const auto byte = static_cast<uint8_t>(blocks[i / 128 * 32 + i % 32]);
      values[i] = static_cast<float>((byte >> (i % 128 / 32 * 2) & 3) - 1) * d;
    }
  }
}

}  // namespace codec_tq

const Codec kTq1Codec = {TensorType::kTQ1_0, codec_tq::DecodeTq1, nullptr,
                         FindBadHalf<codec_tq::kTq1Bytes, 52>};
const Codec kTq2Codec = {TensorType::kTQ2_0, codec_tq::DecodeTq2, nullptr,
                         FindBadHalf<codec_tq::kTq2Bytes, 64>};

}  // namespace ledge
