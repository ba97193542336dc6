// F32, F16 and BF16: blocks of one value, without a scale.
#include <algorithm>
#include <cstring>

#include "quant/block_math.h"
#include "quant/codec.h"
#include "quant/half.h"

namespace ledge {
namespace codec_floats {

void DecodeF32(const std::byte* blocks, size_t count, float* values) {
  std::memcpy(values, blocks, count * sizeof(float));
}

void EncodeF32(const float* values, size_t count, std::byte* blocks) {
  std::memcpy(blocks, values, count * sizeof(float));
}

template <float (*kToFloat)(uint16_t)>
void DecodeHalves(const std::byte* blocks, size_t count, float* values) {
  for (size_t i = 0; i < count; ++i) values[i] = kToFloat(LoadU16(blocks + 2 * i));
}

template <uint16_t (*kFromFloat)(float)>
void EncodeHalves(const float* values, size_t count, std::byte* blocks) {
  for (size_t i = 0; i < count; ++i) StoreU16(blocks + 2 * i, kFromFloat(values[i]));
}

// The first of `count` words whose exponent, the bits of kExponent, is all ones.
template <typename Word, Word kExponent>
size_t FindBadWord(const std::byte* words, size_t count) {
  const auto load = [words](size_t i) {
    Word word;
    std::memcpy(&word, words + i * sizeof(Word), sizeof(Word));
    return word;
  };
  constexpr size_t kRun = 1024;
  for (size_t begin = 0; begin < count; begin += kRun) {
    const size_t end = std::min(count, begin + kRun);
    Word any = 0;
    for (size_t i = begin; i < end; ++i) {
      any = static_cast<Word>(any | static_cast<Word>((load(i) & kExponent) == kExponent));
    }
    if (any == 0) continue;
    for (size_t i = begin; i < end; ++i) {
      if ((load(i) & kExponent) == kExponent) return i;
    }
  }
  return count;
}

}  // namespace codec_floats

const Codec kF32Codec = {TensorType::kF32, codec_floats::DecodeF32, codec_floats::EncodeF32,
                         codec_floats::FindBadWord<uint32_t, 0x7F800000U>};
const Codec kF16Codec = {TensorType::kF16, codec_floats::DecodeHalves<F16ToF32>,
                         codec_floats::EncodeHalves<F32ToF16Saturated>,
                         codec_floats::FindBadWord<uint16_t, 0x7C00U>};
const Codec kBf16Codec = {TensorType::kBF16, codec_floats::DecodeHalves<Bf16ToF32>,
                          codec_floats::EncodeHalves<F32ToBf16>,
                          codec_floats::FindBadWord<uint16_t, 0x7F80U>};

}  // namespace ledge
