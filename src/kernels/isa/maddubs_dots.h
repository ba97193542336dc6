// The dot products of x86 without VNNI, out of maddubs: it multiplies unsigned by signed bytes and
// adds two products into 16 bits, with saturation. So sums stay in range by counting, and no
// addition of a sum is spent on 32 bits before the block is done.
//
// `V` has the vector operations.
#pragma once

#include <immintrin.h>

#include <cstdint>

namespace ledge {

template <typename V>
struct MaddubsDots {
  using I32 = typename V::I32;

  // 0..15: a step adds at most 2 * 15 * 127 = 3810 to a 16-bit sum; 8 steps make 30480.
  struct DotU4 {
    using Acc = I32;
    using Weights = I32;
    static Weights Prepare(I32 bytes) { return bytes; }
    static Acc Begin(I32) { return V::ZeroI32(); }
    template <int kStep, int kOffset>
    static Acc Step(Acc acc, Weights w, const int8_t* block) {
      static_assert(kStep < 8);
      const I32 product = V::Maddubs(w, V::template Four<kOffset>(block));
      return kStep == 0 ? product : V::AddI16(acc, product);
    }
    static I32 End(Acc acc, I32 seed) { return V::AddI32(V::Widen(acc), seed); }
  };

  // 0..31: a step adds at most 2 * 31 * 127 = 7874; four steps make 31496, so eight take two sums.
  struct DotU5 {
    struct Acc {
      I32 first, second;
    };
    using Weights = I32;
    static Weights Prepare(I32 bytes) { return bytes; }
    static Acc Begin(I32) { return {V::ZeroI32(), V::ZeroI32()}; }
    template <int kStep, int kOffset>
    static Acc Step(Acc acc, Weights w, const int8_t* block) {
      static_assert(kStep < 8);
      const I32 product = V::Maddubs(w, V::template Four<kOffset>(block));
      if constexpr (kStep < 4) return {V::AddI16(acc.first, product), acc.second};
      return {acc.first, V::AddI16(acc.second, product)};
    }
    static I32 End(Acc acc, I32 seed) {
      return V::AddI32(V::AddI32(V::Widen(acc.first), V::Widen(acc.second)), seed);
    }
  };

  // 0..63 with a zero point of 32: a step adds at most 2 * 63 * 127 = 16002, and the sum of four is
  // out of range. But additions wrap, and with the zero points' part, where it starts, the sum of
  // eight products is at most 8 * 32 * 127 = 32512. So the seed has two parts, one for each of the
  // 16-bit sums of a lane.
  struct DotU6 {
    using Acc = I32;
    using Weights = I32;
    static Weights Prepare(I32 bytes) { return bytes; }
    static Acc Begin(I32 seeds) { return seeds; }
    template <int kStep, int kOffset>
    static Acc Step(Acc acc, Weights w, const int8_t* block) {
      static_assert(kStep < 4);
      return V::AddI16(acc, V::Maddubs(w, V::template Four<kOffset>(block)));
    }
    static I32 End(Acc acc, I32) { return V::Widen(acc); }
  };
  // Such seeds of 64 activations, for each 16: -32 times the sums of q[4i] + q[4i + 1] and, in the
  // higher half, of q[4i + 2] + q[4i + 3].
  static void TwoSeeds32(const int8_t* q, int32_t* seeds) {
    const auto pairs = [&](int i) {
      return _mm_maddubs_epi16(_mm_set1_epi8(1),
                               _mm_loadu_si128(reinterpret_cast<const __m128i*>(q + 16 * i)));
    };
    // Of a and b: {a, b, a, b}, each the sum of two of their four.
    const auto halve = [](__m128i a, __m128i b) {
      return _mm_add_epi16(_mm_unpacklo_epi32(a, b), _mm_unpackhi_epi32(a, b));
    };
    const __m128i low = halve(pairs(0), pairs(1));
    const __m128i high = halve(pairs(2), pairs(3));
    const __m128i sums =
        _mm_add_epi16(_mm_unpacklo_epi64(low, high), _mm_unpackhi_epi64(low, high));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(seeds),
                     _mm_sub_epi16(_mm_setzero_si128(), _mm_slli_epi16(sums, 5)));
  }

  // 0..255: as two nibbles, each summed like DotU4.
  struct DotS8 {
    struct Acc {
      I32 low, high;
    };
    struct Weights {
      I32 low, high;
    };
    static Weights Prepare(I32 bytes) { return {V::LowNibbles(bytes), V::HighNibbles(bytes)}; }
    static Acc Begin(I32) { return {V::ZeroI32(), V::ZeroI32()}; }
    template <int kStep, int kOffset>
    static Acc Step(Acc acc, Weights w, const int8_t* block) {
      static_assert(kStep < 8);
      const I32 four = V::template Four<kOffset>(block);
      return {V::AddI16(acc.low, V::Maddubs(w.low, four)),
              V::AddI16(acc.high, V::Maddubs(w.high, four))};
    }
    static I32 End(Acc acc, I32 seed) {
      return V::AddI32(V::AddI32(V::Widen(acc.low), V::template ShiftLeft<4>(V::Widen(acc.high))),
                       seed);
    }
  };
};

// 0..255 where there is an instruction that gives a byte another one's sign: the signed byte's
// magnitude times the activation with its sign, at most 2 * 128 * 127 = 32512 in 16 bits. As many
// instructions a step as two nibbles take, and fewer at the end: Q8_0 runs 1.2 times as fast on
// AVX2 (Zen 3).
template <typename V>
struct SignedDot {
  using I32 = typename V::I32;
  using Acc = I32;
  struct Weights {
    I32 value, magnitude;
  };
  static Weights Prepare(I32 bytes) {
    const I32 value = V::FlipSigns(bytes);
    return {value, V::MagnitudeI8(value)};
  }
  static Acc Begin(I32) { return V::ZeroI32(); }
  template <int kStep, int kOffset>
  static Acc Step(Acc acc, Weights w, const int8_t* block) {
    const I32 signed_four = V::WithSignI8(V::template Four<kOffset>(block), w.value);
    return V::AddNow(acc, V::Widen(V::Maddubs(w.magnitude, signed_four)));
  }
  static I32 End(Acc acc, I32) { return acc; }
};

// The same for signed bytes that are never -128, so that they can take the activation's sign and
// only the activation's magnitude is needed, which rows share: one vector a weight less to make or
// to keep, at most 2 * 127 * 127 in 16 bits.
template <typename V>
struct MagnitudeDot {
  using I32 = typename V::I32;
  using Acc = I32;
  using Weights = I32;
  static Acc Begin(I32) { return V::ZeroI32(); }
  template <int kStep, int kOffset>
  static Acc Step(Acc acc, Weights w, const int8_t* block) {
    const I32 four = V::template Four<kOffset>(block);
    return V::AddNow(acc, V::Widen(V::Maddubs(V::MagnitudeI8(four), V::WithSignI8(w, four))));
  }
  static I32 End(Acc acc, I32) { return acc; }
};

}  // namespace ledge
