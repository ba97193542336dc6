#include "quant/finite.h"

#include <cmath>
#include <cstring>

#include "quant/block_math.h"
#include "quant/codec.h"

namespace ledge {
namespace {

size_t FindBadDouble(const std::byte* values, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    double value = 0;
    std::memcpy(&value, values + i * sizeof(value), sizeof(value));
    if (!std::isfinite(value)) return i;
  }
  return count;
}

// MXFP4: the scale is a power of two, E8M0, at 0; all ones is NaN (OCP Microscaling
// Formats, 5.4.1).
size_t FindBadE8m0(const std::byte* blocks, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    if (blocks[i * 17] == std::byte{0xFF}) return i;
  }
  return count;
}

// IQ1_M: a half in quarters, the upper 4 bits of the four 16-bit words from 48 on; the last holds
// its sign and three bits of its exponent, the one before the other two.
size_t FindBadQuarters(const std::byte* blocks, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    const std::byte* words = blocks + i * 56 + 48;
    const unsigned high = (LoadU16(words + 6) & 0xF000U) | ((LoadU16(words + 4) & 0xF000U) >> 4);
    if ((high & 0x7C00U) == 0x7C00U) return i;
  }
  return count;
}

struct Check {
  TensorType type;
  FindNotFinite find;
};

// Block bytes, and places of the halves in it. Source: ggml's format definitions. Types with a
// codec have theirs there.
constexpr Check kChecks[] = {
    {TensorType::kQ5_0, FindBadHalf<22, 0>},
    {TensorType::kQ5_1, FindBadHalf<24, 0, 2>},
    {TensorType::kQ2_K, FindBadHalf<84, 80, 82>},
    {TensorType::kQ3_K, FindBadHalf<110, 108>},
    {TensorType::kQ5_K, FindBadHalf<176, 0, 2>},
    {TensorType::kIQ2_XXS, FindBadHalf<66, 0>},
    {TensorType::kIQ2_XS, FindBadHalf<74, 0>},
    {TensorType::kIQ2_S, FindBadHalf<82, 0>},
    {TensorType::kIQ3_XXS, FindBadHalf<98, 0>},
    {TensorType::kIQ3_S, FindBadHalf<110, 0>},
    {TensorType::kIQ1_S, FindBadHalf<50, 0>},
    {TensorType::kIQ1_M, FindBadQuarters},
    {TensorType::kIQ4_NL, FindBadHalf<18, 0>},
    {TensorType::kIQ4_XS, FindBadHalf<136, 0>},
    {TensorType::kTQ1_0, FindBadHalf<54, 52>},
    {TensorType::kTQ2_0, FindBadHalf<66, 64>},
    {TensorType::kMXFP4, FindBadE8m0},
    {TensorType::kF64, FindBadDouble},
};

}  // namespace

FindNotFinite FinitenessOf(TensorType type) {
  if (const Codec* codec = FindCodec(type); codec != nullptr) return codec->find_not_finite;
  for (const Check& check : kChecks) {
    if (check.type == type) return check.find;
  }
  return nullptr;
}

}  // namespace ledge
