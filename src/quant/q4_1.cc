// Q4_1: 32 values in 20 bytes.
//   0  half  d
//   2  half  m
//   4  16 x u8: low nibbles are values 0..15, high nibbles values 16..31
// value = nibble * d + m. Source: ggml's format definition.
#include "quant/block_math.h"
#include "quant/codec.h"

namespace ledge {
namespace codec_q4_1 {

constexpr size_t kValues = 32;
constexpr size_t kBytes = 20;

void Decode(const std::byte* blocks, size_t count, float* values) {
  for (size_t b = 0; b < count; ++b, blocks += kBytes, values += kValues) {
    const float d = LoadF16(blocks);
    const float m = LoadF16(blocks + 2);
    const auto* nibbles = reinterpret_cast<const uint8_t*>(blocks + 4);
    for (size_t i = 0; i < kValues / 2; ++i) {
      values[i] = static_cast<float>(nibbles[i] & 15) * d + m;
      values[i + 16] = static_cast<float>(nibbles[i] >> 4) * d + m;
    }
  }
}

void Encode(const float* values, size_t count, std::byte* blocks) {
  for (size_t b = 0; b < count; ++b, blocks += kBytes, values += kValues) {
    const auto [low, high] = std::minmax_element(values, values + kValues);
    const float m = *low;
    const float d = (*high - m) / 15.0F;
    const float inverse = InverseOrZero(d);
    StoreU16(blocks, F32ToF16Saturated(d));
    StoreU16(blocks + 2, F32ToF16Saturated(m));
    for (size_t i = 0; i < kValues / 2; ++i) {
      const uint8_t first = Nibble((values[i] - m) * inverse);
      const uint8_t second = Nibble((values[i + 16] - m) * inverse);
      blocks[4 + i] = static_cast<std::byte>(first | (second << 4));
    }
  }
}

}  // namespace codec_q4_1

const Codec kQ41Codec = {TensorType::kQ4_1, codec_q4_1::Decode, codec_q4_1::Encode,
                         FindBadHalf<codec_q4_1::kBytes, 0, 2>};

}  // namespace ledge
