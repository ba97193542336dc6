// Q8_0: 32 values in 34 bytes.
//   0  half  d
//   2  32 x i8
// value = i8 * d. Source: ggml's format definition.
#include "quant/block_math.h"
#include "quant/codec.h"

namespace ledge {
namespace codec_q8_0 {

constexpr size_t kValues = 32;
constexpr size_t kBytes = 34;

void Decode(const std::byte* blocks, size_t count, float* values) {
  for (size_t b = 0; b < count; ++b, blocks += kBytes, values += kValues) {
    const float d = LoadF16(blocks);
    const auto* numbers = reinterpret_cast<const int8_t*>(blocks + 2);
    for (size_t i = 0; i < kValues; ++i) values[i] = static_cast<float>(numbers[i]) * d;
  }
}

void Encode(const float* values, size_t count, std::byte* blocks) {
  for (size_t b = 0; b < count; ++b, blocks += kBytes, values += kValues) {
    const float d = std::fabs(SignedPeak(values, kValues)) / 127.0F;
    const float inverse = InverseOrZero(d);
    StoreU16(blocks, F32ToF16Saturated(d));
    for (size_t i = 0; i < kValues; ++i) {
      const int number = RoundWithin(values[i] * inverse, -128, 127);
      blocks[2 + i] = static_cast<std::byte>(static_cast<int8_t>(number));
    }
  }
}

}  // namespace codec_q8_0

const Codec kQ80Codec = {TensorType::kQ8_0, codec_q8_0::Decode, codec_q8_0::Encode,
                         FindBadHalf<codec_q8_0::kBytes, 0>};

}  // namespace ledge
