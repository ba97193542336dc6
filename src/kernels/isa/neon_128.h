// What all arm64 instruction sets have in common: Advanced SIMD of ARMv8.0 with its fused
// multiply-add; 4 lanes, so a panel is four vectors. isa/scalar/simd.h defines what each operation
// means; avx_256.h says what `Isa` is for.
#pragma once

#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "kernels/inline.h"

namespace ledge {

template <typename Isa>
struct Neon128 {
  static constexpr int kLanes = 4;
  static constexpr int kVectors = 4;

  using F32 = float32x4_t;
  using I32 = int32x4_t;
  using Mask = uint32x4_t;

  // Float loads, stores, conversions.
  static F32 Zero() { return vdupq_n_f32(0); }
  static F32 Set1(float x) { return vdupq_n_f32(x); }
  static F32 LoadF32(const float* p) { return vld1q_f32(p); }
  static F32 LoadF32Partial(const float* p, int n) {
    float lanes[kLanes] = {};
    for (int i = 0; i < n; ++i) lanes[i] = p[i];
    return vld1q_f32(lanes);
  }
  static void StoreF32(float* p, F32 x) { vst1q_f32(p, x); }
  static void StoreF32Partial(float* p, F32 x, int n) {
    float lanes[kLanes];
    vst1q_f32(lanes, x);
    for (int i = 0; i < n; ++i) p[i] = lanes[i];
  }
  static F32 LoadF16(const void* p) { return vcvt_f32_f16(Read<float16x4_t>(p)); }
  static void StoreF16(void* p, F32 x) { Write(p, vcvt_f16_f32(x)); }
  static F32 LoadBf16(const void* p) {
    return vreinterpretq_f32_u32(vshll_n_u16(Read<uint16x4_t>(p), 16));
  }
  static F32 LoadI8(const void* p) { return vcvtq_f32_s32(LoadI8I32(p)); }

  // Float arithmetic.
  static F32 Add(F32 a, F32 b) { return vaddq_f32(a, b); }
  static F32 Sub(F32 a, F32 b) { return vsubq_f32(a, b); }
  static F32 Mul(F32 a, F32 b) { return vmulq_f32(a, b); }
  static F32 Div(F32 a, F32 b) { return vdivq_f32(a, b); }
  static F32 Sqrt(F32 a) { return vsqrtq_f32(a); }
  static F32 Fma(F32 a, F32 b, F32 c) { return vfmaq_f32(c, a, b); }
  static F32 Fnma(F32 a, F32 b, F32 c) { return vfmsq_f32(c, a, b); }
  static float Fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
  static F32 Max(F32 a, F32 b) { return vbslq_f32(vcgtq_f32(a, b), a, b); }
  static F32 Min(F32 a, F32 b) { return vbslq_f32(vcltq_f32(a, b), a, b); }
  static F32 Abs(F32 a) { return vabsq_f32(a); }
  static F32 Neg(F32 a) { return vnegq_f32(a); }

  // Comparisons (false for NaN) and choice: mask ? a : b.
  static Mask Lt(F32 a, F32 b) { return vcltq_f32(a, b); }
  static Mask Le(F32 a, F32 b) { return vcleq_f32(a, b); }
  static Mask LtI32(I32 a, I32 b) { return vcltq_s32(a, b); }
  static F32 Select(Mask mask, F32 a, F32 b) { return vbslq_f32(mask, a, b); }

  // Integers. Sums wrap; shifts are logical.
  static I32 ZeroI32() { return vdupq_n_s32(0); }
  static I32 SetI32(int32_t x) { return vdupq_n_s32(x); }
  static I32 Iota() { return I32{0, 1, 2, 3}; }
  static I32 LoadI32(const void* p) { return Read<I32>(p); }
  static void StoreI32(void* p, I32 x) { Write(p, x); }
  static I32 LoadI8I32(const void* p) {
    return vmovl_s16(vget_low_s16(vmovl_s8(vcreate_s8(Read<uint32_t>(p)))));
  }
  static I32 LoadU8I32(const void* p) {
    const uint16x8_t wide = vmovl_u8(vcreate_u8(Read<uint32_t>(p)));
    return vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(wide)));
  }
  static void StoreI8(void* p, I32 x) {
    const int16x4_t halves = vmovn_s32(x);
    const int8x8_t bytes = vmovn_s16(vcombine_s16(halves, halves));
    Write(p, vget_lane_s32(vreinterpret_s32_s8(bytes), 0));
  }
  static I32 AddI32(I32 a, I32 b) { return vaddq_s32(a, b); }
  static I32 SubI32(I32 a, I32 b) { return vsubq_s32(a, b); }
  static I32 MaxI32(I32 a, I32 b) { return vmaxq_s32(a, b); }
  static I32 And(I32 a, I32 b) { return vandq_s32(a, b); }
  static I32 Or(I32 a, I32 b) { return vorrq_s32(a, b); }
  template <int kBits>
  static I32 ShiftLeft(I32 a) {
    return vshlq_n_s32(a, kBits);
  }
  template <int kBits>
  static I32 ShiftRight(I32 a) {
    if constexpr (kBits == 0)
      return a;  // the instruction has no such form
    else
      return vreinterpretq_s32_u32(vshrq_n_u32(vreinterpretq_u32_s32(a), kBits));
  }
  static I32 ShiftRightBy(I32 a, int bits) {
    return vreinterpretq_s32_u32(vshlq_u32(vreinterpretq_u32_s32(a), vdupq_n_s32(-bits)));
  }
  static I32 LookUp(I32 bytes, const uint8_t* table) {
    return vreinterpretq_s32_u8(vqtbl1q_u8(vld1q_u8(table), vreinterpretq_u8_s32(bytes)));
  }
  static I32 Gather(const uint32_t* table, I32 index) {
    return I32{static_cast<int32_t>(table[vgetq_lane_s32(index, 0)]),
               static_cast<int32_t>(table[vgetq_lane_s32(index, 1)]),
               static_cast<int32_t>(table[vgetq_lane_s32(index, 2)]),
               static_cast<int32_t>(table[vgetq_lane_s32(index, 3)])};
  }
  static I32 LowNibbles(I32 bytes) { return And(bytes, SetI32(0x0F0F0F0F)); }
  static I32 HighNibbles(I32 bytes) {
    return vreinterpretq_s32_u8(vshrq_n_u8(vreinterpretq_u8_s32(bytes), 4));
  }
  static F32 ToF32(I32 a) { return vcvtq_f32_s32(a); }
  static I32 ToI32(F32 a) { return vcvtnq_s32_f32(a); }
  static I32 BitsOf(F32 a) { return vreinterpretq_s32_f32(a); }
  static F32 FloatOf(I32 a) { return vreinterpretq_f32_s32(a); }

  // Reductions over the 16 virtual lanes: halves are folded (i with i + 8, + 4, + 2, + 1).
  static float ReduceAdd(const F32 (&x)[kVectors]) {
    const F32 four = Add(Add(x[0], x[2]), Add(x[1], x[3]));
    const float32x2_t two = vadd_f32(vget_low_f32(four), vget_high_f32(four));
    return vget_lane_f32(two, 0) + vget_lane_f32(two, 1);
  }
  static float ReduceMax(const F32 (&x)[kVectors]) {
    const F32 four = Max(Max(x[0], x[2]), Max(x[1], x[3]));
    const float32x2_t low = vget_low_f32(four), high = vget_high_f32(four);
    const float32x2_t two = vbsl_f32(vcgt_f32(low, high), low, high);
    const float a = vget_lane_f32(two, 0), b = vget_lane_f32(two, 1);
    return a > b ? a : b;
  }
  static int32_t ReduceMaxI32(I32 x) { return vmaxvq_s32(x); }

  // Sums of each 8 of 64 int8, into out[0..7].
  static void SumsOf8(const int8_t* q, int64_t* out) {
    for (int part = 0; part < 4; ++part) {
      const int8x16_t sixteen = vld1q_s8(q + 16 * part);
      vst1q_s64(out + 2 * part, vpaddlq_s32(vpaddlq_s16(vpaddlq_s8(sixteen))));
    }
  }

  // Vectors and numbers at any address.
  template <typename T>
  static T Read(const void* p) {
    T value;
    __builtin_memcpy(&value, p, sizeof(value));
    return value;
  }
  template <typename T>
  static void Write(void* p, T value) {
    __builtin_memcpy(p, &value, sizeof(value));
  }
};

}  // namespace ledge
