// Kernels::quantize: floats to activation groups (activation.h).
//
// Per 64 values: peak = max |x|, scale = peak / 127, q = x * (127 / peak) to nearest, ties to
// even. A peak below 1e-30 counts as zero, so that 127 / peak is finite.
#pragma once

#include "kernels/activation.h"
#include "kernels/inline.h"

namespace ledge {

template <typename S>
struct Quantizer {
  using F32 = typename S::F32;
  using I32 = typename S::I32;
  static constexpr float kSmallestPeak = 1e-30f;

  // The largest |x| as bits: as integers, infinities and NaNs are larger than all finite values, so
  // one maximum finds both.
  LEDGE_INLINE static float Peak(const float* x, uint32_t count) {
    const I32 magnitude = S::SetI32(0x7FFFFFFF);
    I32 most = S::ZeroI32();
    uint32_t i = 0;
    for (; i + S::kLanes <= count; i += S::kLanes) {
      most = S::MaxI32(most, S::And(S::BitsOf(S::LoadF32(x + i)), magnitude));
    }
    if (i < count) {
      const F32 rest = S::LoadF32Partial(x + i, static_cast<int>(count - i));
      most = S::MaxI32(most, S::And(S::BitsOf(rest), magnitude));
    }
    const int32_t bits = S::ReduceMaxI32(most);
    float peak;
    __builtin_memcpy(&peak, &bits, sizeof(peak));
    return peak;
  }

  LEDGE_INLINE static void Values(const float* x, uint32_t count, float inverse, int8_t* q) {
    const F32 factor = S::Set1(inverse);
    uint32_t i = 0;
    for (; i + S::kLanes <= count; i += S::kLanes) {
      S::StoreI8(q + i, S::ToI32(S::Mul(S::LoadF32(x + i), factor)));
    }
    for (; i < kActScaleValues; i += S::kLanes) {
      const int left = i < count ? static_cast<int>(count - i) : 0;
      S::StoreI8(q + i, S::ToI32(S::Mul(S::LoadF32Partial(x + i, left), factor)));
    }
  }

  // Whether the instruction set has its own form of `seed32`.
  static constexpr bool kOwnSeeds =
      requires(const int8_t* q, int32_t* seeds) { S::TwoSeeds32(q, seeds); };

  // |sum of 32| <= 32 * 127 = 4064 is exact as a float.
  LEDGE_INLINE static void Sums(ActGroup& out) {
    int64_t sums8[kActGroupValues / 8];
    for (uint32_t i = 0; i < kActGroupValues / 64; ++i) S::SumsOf8(out.q + 64 * i, sums8 + 8 * i);
    for (uint32_t i = 0; i < 8; ++i) {
      const auto low = static_cast<int32_t>(sums8[4 * i] + sums8[4 * i + 1]);
      const auto high = static_cast<int32_t>(sums8[4 * i + 2] + sums8[4 * i + 3]);
      if constexpr (!kOwnSeeds) {
        out.seed32[2 * i] = -32 * low;
        out.seed32[2 * i + 1] = -32 * high;
      }
      out.seed8[i] = -8 * (low + high);
      out.sum32f[i] = static_cast<float>(low + high);
    }
    if constexpr (kOwnSeeds) {
      for (uint32_t i = 0; i < kActGroupValues / 64; ++i)
        S::TwoSeeds32(out.q + 64 * i, out.seed32 + 4 * i);
    }
  }

  // The values that share one scale, which it returns.
  LEDGE_INLINE static float Part(const float* x, uint32_t count, int8_t* q) {
    const float peak = Peak(x, count);
    if (peak >= kSmallestPeak && peak < __builtin_inff()) {
      Values(x, count, 127.0f / peak, q);
      return peak / 127.0f;
    }
    __builtin_memset(q, 0, kActScaleValues);
    return peak < __builtin_inff() ? 0.0f : __builtin_nanf("");
  }

  LEDGE_INLINE static void Group(const float* x, uint32_t count, ActGroup& out) {
    for (uint32_t part = 0; part < kActScales; ++part) {
      const uint32_t begin = part * kActScaleValues;
      const uint32_t left = begin < count ? count - begin : 0;
      out.scale[part] = Part(x + (left == 0 ? 0 : begin),
                             left < kActScaleValues ? left : kActScaleValues, out.q + begin);
    }
    Sums(out);
  }

  LEDGE_INLINE static void Run(const float* x, uint32_t count, ActGroup* out) {
    for (; count != 0; ++out) {
      const uint32_t now = count < kActGroupValues ? count : kActGroupValues;
      Group(x, now, *out);
      x += now;
      count -= now;
    }
  }
};

}  // namespace ledge
