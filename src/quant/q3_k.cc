// Q3_K: 256 values in 110 bytes, 16 groups of 16 with a 6-bit scale s each.
//   0    32 x u8: third bits; bit j of byte i is that of value 32 j + i
//   32   64 x u8: lower bits; 32 bytes a half of the values, bits 2 j, 2 j + 1 are its j-th 32
//   96   12 x u8: the low 4 bits of s are the low nibbles of bytes 0..7, then their high nibbles;
//        the upper 2 bits those of bytes 8..11, bits 2 j, 2 j + 1 being groups 4 j .. 4 j + 3
//   108  half  d
// value = (q - 4) * (d * (s - 32)). Source: ggml's format definition.
#include "quant/block_math.h"
#include "quant/codec.h"

namespace ledge {
namespace codec_q3_k {

constexpr size_t kValues = 256;
constexpr size_t kBytes = 110;

int Six(const uint8_t* packed, size_t group) {
  const int low = group < 8 ? packed[group] & 15 : packed[group - 8] >> 4;
  return low | (packed[8 + group % 4] >> (group / 4 * 2) & 3) << 4;
}

void Decode(const std::byte* blocks, size_t count, float* values) {
  for (size_t b = 0; b < count; ++b, blocks += kBytes, values += kValues) {
    const auto* thirds = reinterpret_cast<const uint8_t*>(blocks);
    const uint8_t* quants = thirds + 32;
    const uint8_t* packed = thirds + 96;
    const float d = LoadF16(blocks + 108);
    for (size_t i = 0; i < kValues; ++i) {
      const float scale = d * static_cast<float>(Six(packed, i / 16) - 32);
      const int low = quants[i / 128 * 32 + i % 32] >> (i % 128 / 32 * 2) & 3;
      const int high = thirds[i % 32] >> (i / 32) & 1;
      values[i] = scale * static_cast<float>((low | high << 2) - 4);
    }
  }
}

}  // namespace codec_q3_k

const Codec kQ3KCodec = {TensorType::kQ3_K, codec_q3_k::Decode, nullptr,
                         FindBadHalf<codec_q3_k::kBytes, 108>};

}  // namespace ledge
