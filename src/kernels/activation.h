// How activations reach the kernels.
//
// A matrix of M columns (tokens) by K values. Weight types with a codec (codec/) read the
// quantised form: per column a row of ActGroups of 256 values, int8 with one scale every 64,
// symmetric, |q| <= 127. The last group of a column may be shorter; none crosses a column's end.
// Its unused values, sums and scales are zero. Float weight types (F32, F16, BF16) and
// those that are decoded to floats first read the f32 form.
//
// One scale a group of 256 would save a multiplication a row every 64 values, 3 % of the work, and
// cost SmolLM2-135M 1.4 % of perplexity instead of 0.3 %: one large value takes the precision of
// all that share its scale.
//
// The sums beside the values pay for the weights' zero points once per column instead of once per
// weight: sum w*a with w = q - 8 is sum q*a started at -8 * sum a. An instruction set reads groups
// that it wrote itself, since it may keep `seed32` in its own form.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ledge {

inline constexpr uint32_t kActGroupValues = 256;
inline constexpr uint32_t kActScaleValues = 64;
inline constexpr uint32_t kActScales = kActGroupValues / kActScaleValues;

struct alignas(16) ActGroup {
  int8_t q[kActGroupValues];
  float scale[kActScales];  // value i = q[i] * scale[i / 64]
  float sum32f[8];          // sum of q over each 32, as float
  int32_t seed8[8];         // -8 * sum of q over each 32
  int32_t seed32[16];       // -32 * sum of q over each 16; or as two sums (maddubs_dots.h)
};
static_assert(sizeof(ActGroup) == 400);

constexpr uint32_t ActGroups(uint32_t values) {
  return (values + kActGroupValues - 1) / kActGroupValues;
}

// M columns, each in both forms or in the one its readers need (the other pointer is null).
struct Activations {
  const float* values = nullptr;     // column m at values + m * stride
  size_t stride = 0;                 // in floats
  const ActGroup* groups = nullptr;  // column m at groups + m * ActGroups(K)
};

}  // namespace ledge
