// What all instruction sets with 256-bit vectors (AVX2, FMA, F16C) have in common: 8 lanes, so a
// panel is two vectors. isa/scalar/simd.h defines what each operation means.
//
// `Isa` is the traits struct that inherits this. It is a parameter so that each set's copies of
// these functions, compiled with its flags, have names of their own.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "kernels/inline.h"

namespace ledge {

template <typename Isa>
struct Avx256 {
  static constexpr int kLanes = 8;
  static constexpr int kVectors = 2;

  using F32 = __m256;
  using I32 = __m256i;
  using Mask = __m256;

  static I32 First(int n) { return _mm256_cmpgt_epi32(SetI32(n), Iota()); }

  // Float loads, stores, conversions.
  static F32 Zero() { return _mm256_setzero_ps(); }
  static F32 Set1(float x) { return _mm256_set1_ps(x); }
  static F32 LoadF32(const float* p) { return _mm256_loadu_ps(p); }
  static F32 LoadF32Partial(const float* p, int n) { return _mm256_maskload_ps(p, First(n)); }
  static void StoreF32(float* p, F32 x) { _mm256_storeu_ps(p, x); }
  static void StoreF32Partial(float* p, F32 x, int n) { _mm256_maskstore_ps(p, First(n), x); }
  static F32 LoadF16(const void* p) {
    return _mm256_cvtph_ps(_mm_loadu_si128(static_cast<const __m128i*>(p)));
  }
  static void StoreF16(void* p, F32 x) {
    _mm_storeu_si128(static_cast<__m128i*>(p), _mm256_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT));
  }
  static F32 LoadBf16(const void* p) {
    const __m128i halves = _mm_loadu_si128(static_cast<const __m128i*>(p));
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(halves), 16));
  }
  static F32 LoadI8(const void* p) { return _mm256_cvtepi32_ps(LoadI8I32(p)); }

  // Float arithmetic.
  static F32 Add(F32 a, F32 b) { return _mm256_add_ps(a, b); }
  static F32 Sub(F32 a, F32 b) { return _mm256_sub_ps(a, b); }
  static F32 Mul(F32 a, F32 b) { return _mm256_mul_ps(a, b); }
  static F32 Div(F32 a, F32 b) { return _mm256_div_ps(a, b); }
  static F32 Sqrt(F32 a) { return _mm256_sqrt_ps(a); }
  static F32 Fma(F32 a, F32 b, F32 c) { return _mm256_fmadd_ps(a, b, c); }
  static F32 Fnma(F32 a, F32 b, F32 c) { return _mm256_fnmadd_ps(a, b, c); }
  static float Fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
  static F32 Max(F32 a, F32 b) { return _mm256_max_ps(a, b); }
  static F32 Min(F32 a, F32 b) { return _mm256_min_ps(a, b); }
  static F32 Abs(F32 a) { return FloatOf(And(BitsOf(a), SetI32(0x7FFFFFFF))); }
  static F32 Neg(F32 a) { return _mm256_xor_ps(a, _mm256_set1_ps(-0.0f)); }

  // Comparisons (false for NaN) and choice: mask ? a : b.
  static Mask Lt(F32 a, F32 b) { return _mm256_cmp_ps(a, b, _CMP_LT_OQ); }
  static Mask Le(F32 a, F32 b) { return _mm256_cmp_ps(a, b, _CMP_LE_OQ); }
  static Mask LtI32(I32 a, I32 b) { return _mm256_castsi256_ps(_mm256_cmpgt_epi32(b, a)); }
  static F32 Select(Mask mask, F32 a, F32 b) { return _mm256_blendv_ps(b, a, mask); }

  // Integers. Sums wrap; shifts are logical.
  static I32 ZeroI32() { return _mm256_setzero_si256(); }
  static I32 SetI32(int32_t x) { return _mm256_set1_epi32(x); }
  static I32 Iota() { return _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7); }
  static I32 LoadI32(const void* p) { return _mm256_loadu_si256(static_cast<const __m256i*>(p)); }
  static void StoreI32(void* p, I32 x) { _mm256_storeu_si256(static_cast<__m256i*>(p), x); }
  static I32 LoadI8I32(const void* p) {
    return _mm256_cvtepi8_epi32(_mm_loadl_epi64(static_cast<const __m128i*>(p)));
  }
  static I32 LoadU8I32(const void* p) {
    return _mm256_cvtepu8_epi32(_mm_loadl_epi64(static_cast<const __m128i*>(p)));
  }
  static void StoreI8(void* p, I32 x) {
    const __m256i low = _mm256_shuffle_epi8(
        x, _mm256_setr_epi8(0, 4, 8, 12, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,  //
                            0, 4, 8, 12, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1));
    const __m128i both =
        _mm_unpacklo_epi32(_mm256_castsi256_si128(low), _mm256_extracti128_si256(low, 1));
    _mm_storel_epi64(static_cast<__m128i*>(p), both);
  }
  static I32 AddI32(I32 a, I32 b) { return _mm256_add_epi32(a, b); }
  static I32 SubI32(I32 a, I32 b) { return _mm256_sub_epi32(a, b); }
  static I32 MaxI32(I32 a, I32 b) { return _mm256_max_epi32(a, b); }
  static I32 And(I32 a, I32 b) { return _mm256_and_si256(a, b); }
  static I32 Or(I32 a, I32 b) { return _mm256_or_si256(a, b); }
  template <int kBits>
  static I32 ShiftLeft(I32 a) {
    return _mm256_slli_epi32(a, kBits);
  }
  template <int kBits>
  static I32 ShiftRight(I32 a) {
    return _mm256_srli_epi32(a, kBits);
  }
  static I32 ShiftRightBy(I32 a, int bits) { return _mm256_srl_epi32(a, _mm_cvtsi32_si128(bits)); }
  static I32 LookUp(I32 bytes, const uint8_t* table) {
    const __m128i sixteen = _mm_loadu_si128(reinterpret_cast<const __m128i*>(table));
    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(sixteen), bytes);
  }
  static I32 Gather(const uint32_t* table, I32 index) {
    return _mm256_i32gather_epi32(reinterpret_cast<const int*>(table), index, 4);
  }
  static I32 LowNibbles(I32 bytes) { return And(bytes, SetI32(0x0F0F0F0F)); }
  static I32 HighNibbles(I32 bytes) { return LowNibbles(ShiftRight<4>(bytes)); }
  static F32 ToF32(I32 a) { return _mm256_cvtepi32_ps(a); }
  // The thread's rounding mode is the default one.
  static I32 ToI32(F32 a) { return _mm256_cvtps_epi32(a); }
  static I32 BitsOf(F32 a) { return _mm256_castps_si256(a); }
  static F32 FloatOf(I32 a) { return _mm256_castsi256_ps(a); }

  // Reductions over the 16 virtual lanes: halves are folded (i with i + 8, + 4, + 2, + 1).
  static float ReduceAdd(const F32 (&x)[kVectors]) {
    const __m256 eight = _mm256_add_ps(x[0], x[1]);
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
  }
  static float ReduceMax(const F32 (&x)[kVectors]) {
    const __m256 eight = _mm256_max_ps(x[0], x[1]);
    const __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
  }
  static int32_t ReduceMaxI32(I32 x) {
    const __m128i four = _mm_max_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
    const __m128i two = _mm_max_epi32(four, _mm_shuffle_epi32(four, 0x4E));
    return _mm_cvtsi128_si32(_mm_max_epi32(two, _mm_shuffle_epi32(two, 0xB1)));
  }

  // Sums of each 8 of 64 int8, into out[0..7].
  static void SumsOf8(const int8_t* q, int64_t* out) {
    for (int half = 0; half < 2; ++half) {
      const __m256i biased = _mm256_xor_si256(LoadI32(q + 32 * half), _mm256_set1_epi8(-128));
      const __m256i sums = _mm256_sad_epu8(biased, _mm256_setzero_si256());
      StoreI32(out + 4 * half, _mm256_sub_epi64(sums, _mm256_set1_epi64x(8 * 128)));
    }
  }

  // For maddubs_dots.h. Products of 4 * kLanes unsigned and signed bytes, added in pairs.
  static I32 Maddubs(I32 u, I32 a) { return _mm256_maddubs_epi16(u, a); }
  // The empty instruction keeps g++ from putting the addition off until its sum is wanted, and so
  // from holding a whole block's products in registers it has not got. Q4_0 runs 1.4 times as
  // fast with it.
  static I32 AddI16(I32 a, I32 b) {
    I32 sum = _mm256_add_epi16(a, b);
    asm("" : "+x"(sum));
    return sum;
  }
  // The same of 32-bit sums.
  static I32 AddNow(I32 a, I32 b) {
    I32 sum = _mm256_add_epi32(a, b);
    asm("" : "+x"(sum));
    return sum;
  }
  // Bytes with 128 added become signed ones; their magnitudes (128 for -128); a with b's signs, 0
  // where b is.
  static I32 FlipSigns(I32 bytes) { return _mm256_xor_si256(bytes, _mm256_set1_epi8(-128)); }
  static I32 MagnitudeI8(I32 a) { return _mm256_abs_epi8(a); }
  static I32 WithSignI8(I32 a, I32 b) { return _mm256_sign_epi8(a, b); }
  // The sums of a lane's two signed 16-bit halves.
  static I32 Widen(I32 halves) { return _mm256_madd_epi16(halves, _mm256_set1_epi16(1)); }
  // 4 bytes of a block of activations in every lane.
  template <int kOffset>
  static I32 Four(const int8_t* block) {
    return Four(block + kOffset);
  }
  static I32 Four(const void* p) {
    int32_t value;
    __builtin_memcpy(&value, p, sizeof(value));
    return _mm256_set1_epi32(value);
  }
};

}  // namespace ledge
