// What all instruction sets with 512-bit vectors (AVX-512 F, BW, VL, DQ) have in common: 16 lanes,
// a panel row each. isa/scalar/simd.h defines what each operation means; avx_256.h says what `Isa`
// is for.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "kernels/inline.h"

namespace ledge {

template <typename Isa>
struct Avx512 {
  static constexpr int kLanes = 16;
  static constexpr int kVectors = 1;

  using F32 = __m512;
  using I32 = __m512i;
  using Mask = __mmask16;

  static __mmask16 First(int n) { return static_cast<__mmask16>((1u << n) - 1); }

  // Float loads, stores, conversions.
  static F32 Zero() { return _mm512_setzero_ps(); }
  static F32 Set1(float x) { return _mm512_set1_ps(x); }
  static F32 LoadF32(const float* p) { return _mm512_loadu_ps(p); }
  static F32 LoadF32Partial(const float* p, int n) { return _mm512_maskz_loadu_ps(First(n), p); }
  static void StoreF32(float* p, F32 x) { _mm512_storeu_ps(p, x); }
  static void StoreF32Partial(float* p, F32 x, int n) { _mm512_mask_storeu_ps(p, First(n), x); }
  static F32 LoadF16(const void* p) {
    return _mm512_cvtph_ps(_mm256_loadu_si256(static_cast<const __m256i*>(p)));
  }
  static void StoreF16(void* p, F32 x) {
    _mm256_storeu_si256(static_cast<__m256i*>(p), _mm512_cvtps_ph(x, _MM_FROUND_TO_NEAREST_INT));
  }
  static F32 LoadBf16(const void* p) {
    const __m256i halves = _mm256_loadu_si256(static_cast<const __m256i*>(p));
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(halves), 16));
  }
  static F32 LoadI8(const void* p) { return _mm512_cvtepi32_ps(LoadI8I32(p)); }

  // Float arithmetic.
  static F32 Add(F32 a, F32 b) { return _mm512_add_ps(a, b); }
  static F32 Sub(F32 a, F32 b) { return _mm512_sub_ps(a, b); }
  static F32 Mul(F32 a, F32 b) { return _mm512_mul_ps(a, b); }
  static F32 Div(F32 a, F32 b) { return _mm512_div_ps(a, b); }
  static F32 Sqrt(F32 a) { return _mm512_sqrt_ps(a); }
  static F32 Fma(F32 a, F32 b, F32 c) { return _mm512_fmadd_ps(a, b, c); }
  static F32 Fnma(F32 a, F32 b, F32 c) { return _mm512_fnmadd_ps(a, b, c); }
  static float Fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
  static F32 Max(F32 a, F32 b) { return _mm512_max_ps(a, b); }
  static F32 Min(F32 a, F32 b) { return _mm512_min_ps(a, b); }
  static F32 Abs(F32 a) { return FloatOf(And(BitsOf(a), SetI32(0x7FFFFFFF))); }
  static F32 Neg(F32 a) { return _mm512_xor_ps(a, _mm512_set1_ps(-0.0f)); }

  // Comparisons (false for NaN) and choice: mask ? a : b.
  static Mask Lt(F32 a, F32 b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
  static Mask Le(F32 a, F32 b) { return _mm512_cmp_ps_mask(a, b, _CMP_LE_OQ); }
  static Mask LtI32(I32 a, I32 b) { return _mm512_cmplt_epi32_mask(a, b); }
  static F32 Select(Mask mask, F32 a, F32 b) { return _mm512_mask_blend_ps(mask, b, a); }

  // Integers. Sums wrap; shifts are logical.
  static I32 ZeroI32() { return _mm512_setzero_si512(); }
  static I32 SetI32(int32_t x) { return _mm512_set1_epi32(x); }
  static I32 Iota() {
    return _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  }
  static I32 LoadI32(const void* p) { return _mm512_loadu_si512(p); }
  static void StoreI32(void* p, I32 x) { _mm512_storeu_si512(p, x); }
  static I32 LoadI8I32(const void* p) {
    return _mm512_cvtepi8_epi32(_mm_loadu_si128(static_cast<const __m128i*>(p)));
  }
  static I32 LoadU8I32(const void* p) {
    return _mm512_cvtepu8_epi32(_mm_loadu_si128(static_cast<const __m128i*>(p)));
  }
  static void StoreI8(void* p, I32 x) {
    _mm_storeu_si128(static_cast<__m128i*>(p), _mm512_cvtepi32_epi8(x));
  }
  static I32 AddI32(I32 a, I32 b) { return _mm512_add_epi32(a, b); }
  static I32 SubI32(I32 a, I32 b) { return _mm512_sub_epi32(a, b); }
  static I32 MaxI32(I32 a, I32 b) { return _mm512_max_epi32(a, b); }
  static I32 And(I32 a, I32 b) { return _mm512_and_si512(a, b); }
  static I32 Or(I32 a, I32 b) { return _mm512_or_si512(a, b); }
  template <int kBits>
  static I32 ShiftLeft(I32 a) {
    return _mm512_slli_epi32(a, kBits);
  }
  template <int kBits>
  static I32 ShiftRight(I32 a) {
    return _mm512_srli_epi32(a, kBits);
  }
  static I32 ShiftRightBy(I32 a, int bits) { return _mm512_srl_epi32(a, _mm_cvtsi32_si128(bits)); }
  static I32 LookUp(I32 bytes, const uint8_t* table) {
    const __m128i sixteen = _mm_loadu_si128(reinterpret_cast<const __m128i*>(table));
    return _mm512_shuffle_epi8(_mm512_broadcast_i32x4(sixteen), bytes);
  }
  static I32 Gather(const uint32_t* table, I32 index) {
    return _mm512_i32gather_epi32(index, table, 4);
  }
  static I32 LowNibbles(I32 bytes) { return And(bytes, SetI32(0x0F0F0F0F)); }
  static I32 HighNibbles(I32 bytes) { return LowNibbles(ShiftRight<4>(bytes)); }
  static F32 ToF32(I32 a) { return _mm512_cvtepi32_ps(a); }
  static I32 ToI32(F32 a) {
    return _mm512_cvt_roundps_epi32(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  }
  static I32 BitsOf(F32 a) { return _mm512_castps_si512(a); }
  static F32 FloatOf(I32 a) { return _mm512_castsi512_ps(a); }

  // Reductions over the 16 virtual lanes: halves are folded (i with i + 8, + 4, + 2, + 1).
  static float ReduceAdd(const F32 (&x)[kVectors]) {
    const __m256 eight =
        _mm256_add_ps(_mm512_castps512_ps256(x[0]), _mm512_extractf32x8_ps(x[0], 1));
    const __m128 four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
  }
  static float ReduceMax(const F32 (&x)[kVectors]) {
    const __m256 eight =
        _mm256_max_ps(_mm512_castps512_ps256(x[0]), _mm512_extractf32x8_ps(x[0], 1));
    const __m128 four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps(eight, 1));
    const __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
  }
  static int32_t ReduceMaxI32(I32 x) { return _mm512_reduce_max_epi32(x); }

  // Sums of each 8 of 64 int8, into out[0..7].
  static void SumsOf8(const int8_t* q, int64_t* out) {
    const __m512i biased = _mm512_xor_si512(_mm512_loadu_si512(q), _mm512_set1_epi8(-128));
    const __m512i sums = _mm512_sad_epu8(biased, _mm512_setzero_si512());
    _mm512_storeu_si512(out, _mm512_sub_epi64(sums, _mm512_set1_epi64(8 * 128)));
  }

  // For maddubs_dots.h; avx_256.h says what they are.
  static I32 Maddubs(I32 u, I32 a) { return _mm512_maddubs_epi16(u, a); }
  static I32 AddI16(I32 a, I32 b) {
    I32 sum = _mm512_add_epi16(a, b);
    asm("" : "+v"(sum));
    return sum;
  }
  static I32 Widen(I32 halves) { return _mm512_madd_epi16(halves, _mm512_set1_epi16(1)); }
  // Folds into a dot instruction's memory operand.
  template <int kOffset>
  static I32 Four(const int8_t* block) {
    return Four(block + kOffset);
  }
  static I32 Four(const void* p) {
    int32_t value;
    __builtin_memcpy(&value, p, sizeof(value));
    return _mm512_set1_epi32(value);
  }
};

}  // namespace ledge
