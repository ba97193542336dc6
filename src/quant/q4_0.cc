// Q4_0: 32 values in 18 bytes.
//   0  half  d
//   2  16 x u8: low nibbles are values 0..15, high nibbles values 16..31
// value = (nibble - 8) * d. Source: ggml's format definition.
#include "quant/block_math.h"
#include "quant/codec.h"

namespace ledge {
namespace codec_q4_0 {

constexpr size_t kValues = 32;
constexpr size_t kBytes = 18;

void Decode(const std::byte* blocks, size_t count, float* values) {
  for (size_t b = 0; b < count; ++b, blocks += kBytes, values += kValues) {
    const float d = LoadF16(blocks);
    const auto* nibbles = reinterpret_cast<const uint8_t*>(blocks + 2);
    for (size_t i = 0; i < kValues / 2; ++i) {
      values[i] = static_cast<float>((nibbles[i] & 15) - 8) * d;
      values[i + 16] = static_cast<float>((nibbles[i] >> 4) - 8) * d;
    }
  }
}

void Encode(const float* values, size_t count, std::byte* blocks) {
  for (size_t b = 0; b < count; ++b, blocks += kBytes, values += kValues) {
    const float d = SignedPeak(values, kValues) / -8.0F;
    const float inverse = InverseOrZero(d);
    StoreU16(blocks, F32ToF16Saturated(d));
    for (size_t i = 0; i < kValues / 2; ++i) {
      const uint8_t low = Nibble(values[i] * inverse + 8.0F);
      const uint8_t high = Nibble(values[i + 16] * inverse + 8.0F);
      blocks[2 + i] = static_cast<std::byte>(low | (high << 4));
    }
  }
}

}  // namespace codec_q4_0

const Codec kQ40Codec = {TensorType::kQ4_0, codec_q4_0::Decode, codec_q4_0::Encode,
                         FindBadHalf<codec_q4_0::kBytes, 0>};

}  // namespace ledge
