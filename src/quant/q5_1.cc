// Q5_1: 32 values in 24 bytes.
//   0  half  d
//   2  half  m
//   4  u32   the fifth bits: bit i is value i's
//   8  16 x u8: low nibbles are values 0..15, high nibbles values 16..31
// value = q * d + m. Source: ggml's format definition.
#include "quant/block_math.h"
#include "quant/codec.h"

namespace ledge {
namespace codec_q5_1 {

constexpr size_t kValues = 32;
constexpr size_t kBytes = 24;

void Decode(const std::byte* blocks, size_t count, float* values) {
  for (size_t b = 0; b < count; ++b, blocks += kBytes, values += kValues) {
    const float d = LoadF16(blocks);
    const float m = LoadF16(blocks + 2);
    const uint32_t fifth = LoadU32(blocks + 4);
    const auto* nibbles = reinterpret_cast<const uint8_t*>(blocks + 8);
    for (size_t i = 0; i < kValues; ++i) {
      const int low = i < 16 ? nibbles[i] & 15 : nibbles[i - 16] >> 4;
      values[i] = static_cast<float>(low | static_cast<int>(fifth >> i & 1U) << 4) * d + m;
    }
  }
}

}  // namespace codec_q5_1

const Codec kQ51Codec = {TensorType::kQ5_1, codec_q5_1::Decode, nullptr,
                         FindBadHalf<codec_q5_1::kBytes, 0, 2>};

}  // namespace ledge
