// Q2_K: 256 values in 84 bytes, 16 groups of 16 with a 4-bit scale s and a 4-bit minimum m each.
//   0   16 x u8: a group's s in the low nibble, m in the high one
//   16  64 x u8: 32 bytes a half of the values; bits 2 j, 2 j + 1 are the half's j-th 32
//   80  half  d
//   82  half  dmin
// value = q * (d * s) - dmin * m. Source: ggml's format definition.
#include "quant/block_math.h"
#include "quant/codec.h"

namespace ledge {
namespace codec_q2_k {

constexpr size_t kValues = 256;
constexpr size_t kBytes = 84;

void Decode(const std::byte* blocks, size_t count, float* values) {
  for (size_t b = 0; b < count; ++b, blocks += kBytes, values += kValues) {
    const auto* scales = reinterpret_cast<const uint8_t*>(blocks);
    const uint8_t* quants = scales + 16;
    const float d = LoadF16(blocks + 80);
    const float dmin = LoadF16(blocks + 82);
    for (size_t i = 0; i < kValues; ++i) {
      const float scale = d * static_cast<float>(scales[i / 16] & 15);
      const float minimum = dmin * static_cast<float>(scales[i / 16] >> 4);
      const int q = quants[i / 128 * 32 + i % 32] >> (i % 128 / 32 * 2) & 3;
      values[i] = scale * static_cast<float>(q) - minimum;
    }
  }
}

}  // namespace codec_q2_k

const Codec kQ2KCodec = {TensorType::kQ2_K, codec_q2_k::Decode, nullptr,
                         FindBadHalf<codec_q2_k::kBytes, 80, 82>};

}  // namespace ledge
