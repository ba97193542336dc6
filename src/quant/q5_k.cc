// Q5_K: 256 values in 176 bytes, 8 groups of 32 with a 6-bit scale s and a 6-bit minimum m each.
//   0   half  d
//   2   half  dmin
//   4   12 x u8: s and m, packed as in Q4_K
//   16  32 x u8: fifth bits; bit g of byte i is that of group g's value i
//   48  128 x u8: 32 bytes for two groups, the low nibbles are the first
// value = q * (d * s) - dmin * m. Source: ggml's format definition.
#include "quant/block_math.h"
#include "quant/codec.h"
#include "quant/sixes.h"

namespace ledge {
namespace codec_q5_k {

constexpr size_t kValues = 256;
constexpr size_t kBytes = 176;

void Decode(const std::byte* blocks, size_t count, float* values) {
  for (size_t b = 0; b < count; ++b, blocks += kBytes, values += kValues) {
    const float d = LoadF16(blocks);
    const float dmin = LoadF16(blocks + 2);
    const Sixes sixes = UnpackSixes(blocks + 4);
    const auto* fifth = reinterpret_cast<const uint8_t*>(blocks + 16);
    const auto* nibbles = reinterpret_cast<const uint8_t*>(blocks + 48);
    for (size_t i = 0; i < kValues; ++i) {
      const size_t group = i / 32;
      const float scale = d * static_cast<float>(sixes.scale[group]);
      const float minimum = dmin * static_cast<float>(sixes.minimum[group]);
      const int low = nibbles[group / 2 * 32 + i % 32] >> (group % 2 * 4) & 15;
      const int high = fifth[i % 32] >> group & 1;
      values[i] = scale * static_cast<float>(low | high << 4) - minimum;
    }
  }
}

}  // namespace codec_q5_k

const Codec kQ5KCodec = {TensorType::kQ5_K, codec_q5_k::Decode, nullptr,
                         FindBadHalf<codec_q5_k::kBytes, 0, 2>};

}  // namespace ledge
