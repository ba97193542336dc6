// The ISA traits for SSE 4.1: 4 lanes, so a panel is four vectors. isa/unfused/simd.h defines what
// each operation means: there is no fused multiply-add, and no conversion of 16-bit floats.
#pragma once

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "kernels/inline.h"
#include "kernels/isa/maddubs_dots.h"

namespace ledge::isa_sse41 {

struct Vectors {
  static constexpr int kLanes = 4;
  static constexpr int kVectors = 4;

  using F32 = __m128;
  using I32 = __m128i;
  using Mask = __m128;

  // Float loads, stores, conversions.
  static F32 Zero() { return _mm_setzero_ps(); }
  static F32 Set1(float x) { return _mm_set1_ps(x); }
  static F32 LoadF32(const float* p) { return _mm_loadu_ps(p); }
  static F32 LoadF32Partial(const float* p, int n) {
    alignas(16) float lanes[kLanes] = {};
    for (int i = 0; i < n; ++i) lanes[i] = p[i];
    return _mm_load_ps(lanes);
  }
  static void StoreF32(float* p, F32 x) { _mm_storeu_ps(p, x); }
  static void StoreF32Partial(float* p, F32 x, int n) {
    alignas(16) float lanes[kLanes];
    _mm_store_ps(lanes, x);
    for (int i = 0; i < n; ++i) p[i] = lanes[i];
  }
  // As F16ToF32 and F32ToF16 (quant/half.h) have it.
  static F32 LoadF16(const void* p) {
    const I32 half = _mm_cvtepu16_epi32(_mm_loadl_epi64(static_cast<const __m128i*>(p)));
    const I32 magnitude = ShiftLeft<13>(And(half, SetI32(0x7FFF)));
    const I32 exponent = And(magnitude, SetI32(kF16Exponent));
    const I32 special =
        And(_mm_cmpeq_epi32(exponent, SetI32(kF16Exponent)), SetI32((128 - 16) << 23));
    const I32 normal = AddI32(AddI32(magnitude, SetI32((127 - 15) << 23)), special);
    const F32 subnormal =
        Sub(FloatOf(AddI32(normal, SetI32(1 << 23))), FloatOf(SetI32(kF16Smallest)));
    const Mask small = FloatOf(_mm_cmpeq_epi32(exponent, ZeroI32()));
    const F32 value = Select(small, subnormal, FloatOf(normal));
    return FloatOf(Or(BitsOf(value), ShiftLeft<16>(And(half, SetI32(0x8000)))));
  }
  static void StoreF16(void* p, F32 x) {
    const I32 bits = And(BitsOf(x), SetI32(0x7FFFFFFF));
    const I32 rounding = AddI32(And(ShiftRight<13>(bits), SetI32(1)), SetI32(0xFFF));
    const I32 normal = ShiftRight<13>(AddI32(SubI32(bits, SetI32((127 - 15) << 23)), rounding));
    const I32 aligner = SetI32(((127 - 15) + (23 - 10) + 1) << 23);
    const I32 subnormal = SubI32(BitsOf(Add(FloatOf(bits), FloatOf(aligner))), aligner);
    const I32 nan = Or(SetI32(0x7E00), And(ShiftRight<13>(bits), SetI32(0x3FF)));
    I32 half = Choose(_mm_cmplt_epi32(bits, SetI32(kF16Smallest)), subnormal, normal);
    half = Choose(_mm_cmpgt_epi32(bits, SetI32(((127 + 16) << 23) - 1)), SetI32(0x7C00), half);
    half = Choose(_mm_cmpgt_epi32(bits, SetI32(255 << 23)), nan, half);
    half = Or(half, And(ShiftRight<16>(BitsOf(x)), SetI32(0x8000)));
    _mm_storel_epi64(static_cast<__m128i*>(p), _mm_packus_epi32(half, half));
  }
  static F32 LoadBf16(const void* p) {
    const __m128i halves = _mm_loadl_epi64(static_cast<const __m128i*>(p));
    return _mm_castsi128_ps(_mm_unpacklo_epi16(_mm_setzero_si128(), halves));
  }
  static F32 LoadI8(const void* p) { return _mm_cvtepi32_ps(LoadI8I32(p)); }

  // Float arithmetic.
  static F32 Add(F32 a, F32 b) { return _mm_add_ps(a, b); }
  static F32 Sub(F32 a, F32 b) { return _mm_sub_ps(a, b); }
  static F32 Mul(F32 a, F32 b) { return _mm_mul_ps(a, b); }
  static F32 Div(F32 a, F32 b) { return _mm_div_ps(a, b); }
  static F32 Sqrt(F32 a) { return _mm_sqrt_ps(a); }
  static F32 Fma(F32 a, F32 b, F32 c) { return Add(Mul(a, b), c); }
  static F32 Fnma(F32 a, F32 b, F32 c) { return Sub(c, Mul(a, b)); }
  static float Fma(float a, float b, float c) { return a * b + c; }
  static F32 Max(F32 a, F32 b) { return _mm_max_ps(a, b); }
  static F32 Min(F32 a, F32 b) { return _mm_min_ps(a, b); }
  static F32 Abs(F32 a) { return FloatOf(And(BitsOf(a), SetI32(0x7FFFFFFF))); }
  static F32 Neg(F32 a) { return _mm_xor_ps(a, _mm_set1_ps(-0.0f)); }

  // Comparisons (false for NaN) and choice: mask ? a : b.
  static Mask Lt(F32 a, F32 b) { return _mm_cmplt_ps(a, b); }
  static Mask Le(F32 a, F32 b) { return _mm_cmple_ps(a, b); }
  static Mask LtI32(I32 a, I32 b) { return _mm_castsi128_ps(_mm_cmplt_epi32(a, b)); }
  static F32 Select(Mask mask, F32 a, F32 b) { return _mm_blendv_ps(b, a, mask); }

  // Integers. Sums wrap; shifts are logical.
  static I32 ZeroI32() { return _mm_setzero_si128(); }
  static I32 SetI32(int32_t x) { return _mm_set1_epi32(x); }
  static I32 Iota() { return _mm_setr_epi32(0, 1, 2, 3); }
  static I32 LoadI32(const void* p) { return _mm_loadu_si128(static_cast<const __m128i*>(p)); }
  static void StoreI32(void* p, I32 x) { _mm_storeu_si128(static_cast<__m128i*>(p), x); }
  static I32 LoadI8I32(const void* p) { return _mm_cvtepi8_epi32(Bytes(p)); }
  static I32 LoadU8I32(const void* p) { return _mm_cvtepu8_epi32(Bytes(p)); }
  static void StoreI8(void* p, I32 x) {
    const int32_t bytes = _mm_cvtsi128_si32(_mm_shuffle_epi8(x, SetI32(0x0C080400)));
    __builtin_memcpy(p, &bytes, sizeof(bytes));
  }
  static I32 AddI32(I32 a, I32 b) { return _mm_add_epi32(a, b); }
  static I32 SubI32(I32 a, I32 b) { return _mm_sub_epi32(a, b); }
  static I32 MaxI32(I32 a, I32 b) { return _mm_max_epi32(a, b); }
  static I32 And(I32 a, I32 b) { return _mm_and_si128(a, b); }
  static I32 Or(I32 a, I32 b) { return _mm_or_si128(a, b); }
  template <int kBits>
  static I32 ShiftLeft(I32 a) {
    return _mm_slli_epi32(a, kBits);
  }
  template <int kBits>
  static I32 ShiftRight(I32 a) {
    return _mm_srli_epi32(a, kBits);
  }
  static I32 ShiftRightBy(I32 a, int bits) { return _mm_srl_epi32(a, _mm_cvtsi32_si128(bits)); }
  static I32 LookUp(I32 bytes, const uint8_t* table) {
    return _mm_shuffle_epi8(LoadI32(table), bytes);
  }
  static I32 Gather(const uint32_t* table, I32 index) {
    return _mm_setr_epi32(
        static_cast<int32_t>(table[static_cast<uint32_t>(_mm_cvtsi128_si32(index))]),
        static_cast<int32_t>(table[static_cast<uint32_t>(_mm_extract_epi32(index, 1))]),
        static_cast<int32_t>(table[static_cast<uint32_t>(_mm_extract_epi32(index, 2))]),
        static_cast<int32_t>(table[static_cast<uint32_t>(_mm_extract_epi32(index, 3))]));
  }
  static I32 LowNibbles(I32 bytes) { return And(bytes, SetI32(0x0F0F0F0F)); }
  static I32 HighNibbles(I32 bytes) { return LowNibbles(ShiftRight<4>(bytes)); }
  static F32 ToF32(I32 a) { return _mm_cvtepi32_ps(a); }
  // The thread's rounding mode is the default one.
  static I32 ToI32(F32 a) { return _mm_cvtps_epi32(a); }
  static I32 BitsOf(F32 a) { return _mm_castps_si128(a); }
  static F32 FloatOf(I32 a) { return _mm_castsi128_ps(a); }

  // Reductions over the 16 virtual lanes: halves are folded (i with i + 8, + 4, + 2, + 1).
  static float ReduceAdd(const F32 (&x)[kVectors]) {
    const F32 four = Add(Add(x[0], x[2]), Add(x[1], x[3]));
    const F32 two = Add(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
  }
  static float ReduceMax(const F32 (&x)[kVectors]) {
    const F32 four = Max(Max(x[0], x[2]), Max(x[1], x[3]));
    const F32 two = Max(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
  }
  static int32_t ReduceMaxI32(I32 x) {
    const I32 two = MaxI32(x, _mm_shuffle_epi32(x, 0x4E));
    return _mm_cvtsi128_si32(MaxI32(two, _mm_shuffle_epi32(two, 0xB1)));
  }

  // Sums of each 8 of 64 int8, into out[0..7].
  static void SumsOf8(const int8_t* q, int64_t* out) {
    for (int part = 0; part < 4; ++part) {
      const I32 biased = _mm_xor_si128(LoadI32(q + 16 * part), _mm_set1_epi8(-128));
      const I32 sums = _mm_sad_epu8(biased, ZeroI32());
      StoreI32(out + 2 * part, _mm_sub_epi64(sums, _mm_set1_epi64x(8 * 128)));
    }
  }

  // For maddubs_dots.h; avx_256.h says what they are.
  static I32 Maddubs(I32 u, I32 a) { return _mm_maddubs_epi16(u, a); }
  static I32 AddI16(I32 a, I32 b) {
    I32 sum = _mm_add_epi16(a, b);
    asm("" : "+x"(sum));
    return sum;
  }
  static I32 Widen(I32 halves) { return _mm_madd_epi16(halves, _mm_set1_epi16(1)); }
  // One instruction with a memory operand, out of 16 aligned activations.
  template <int kOffset>
  static I32 Four(const int8_t* block) {
    const auto* sixteen = reinterpret_cast<const __m128i*>(block + kOffset / 16 * 16);
    return _mm_shuffle_epi32(_mm_load_si128(sixteen), kOffset % 16 / 4 * 0x55);
  }

 private:
  static constexpr int32_t kF16Exponent = 0x7C00 << 13;
  static constexpr int32_t kF16Smallest = 113 << 23;  // 2^-14, the smallest normal half
  static I32 Choose(I32 mask, I32 a, I32 b) { return _mm_blendv_epi8(b, a, mask); }
  static I32 Bytes(const void* p) {
    int32_t bytes;
    __builtin_memcpy(&bytes, p, sizeof(bytes));
    return _mm_cvtsi32_si128(bytes);
  }
};

struct Simd : Vectors, MaddubsDots<Vectors> {
  using I32 = Vectors::I32;
  // The matrix product's tiles: columns of an only chunk and of one of several (matmul.h), and
  // vectors of rows for so many columns.
  static constexpr int kMaxColumns = LEDGE_TILE_COLUMNS(6);
  static constexpr int kChunkColumns = LEDGE_TILE_COLUMNS(5);
  static constexpr bool kUnpacks = true;
  template <int kColumns>
  static constexpr int kIntVectors = kColumns <= 2 ? 4 : 2;
  template <int kColumns>
  static constexpr int kFloatVectors = kColumns <= 2 ? 4 : 2;
};

}  // namespace ledge::isa_sse41
