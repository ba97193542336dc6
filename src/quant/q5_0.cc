// Q5_0: 32 values in 22 bytes.
//   0  half  d
//   2  u32   the fifth bits: bit i is value i's
//   6  16 x u8: low nibbles are values 0..15, high nibbles values 16..31
// value = (q - 16) * d. Source: ggml's format definition.
#include "quant/block_math.h"
#include "quant/codec.h"

namespace ledge {
namespace codec_q5_0 {

constexpr size_t kValues = 32;
constexpr size_t kBytes = 22;

void Decode(const std::byte* blocks, size_t count, float* values) {
  for (size_t b = 0; b < count; ++b, blocks += kBytes, values += kValues) {
    const float d = LoadF16(blocks);
    const uint32_t fifth = LoadU32(blocks + 2);
    const auto* nibbles = reinterpret_cast<const uint8_t*>(blocks + 6);
    for (size_t i = 0; i < kValues; ++i) {
      const int low = i < 16 ? nibbles[i] & 15 : nibbles[i - 16] >> 4;
      values[i] = static_cast<float>((low | static_cast<int>(fifth >> i & 1U) << 4) - 16) * d;
    }
  }
}

}  // namespace codec_q5_0

const Codec kQ50Codec = {TensorType::kQ5_0, codec_q5_0::Decode, nullptr,
                         FindBadHalf<codec_q5_0::kBytes, 0>};

}  // namespace ledge
