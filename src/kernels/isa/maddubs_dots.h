// The dot products of x86 without VNNI, out of maddubs: it multiplies unsigned by signed bytes and
// adds two products into 16 bits, with saturation. So sums stay in range by counting, and no
// addition of a sum is spent on 32 bits before the block is done.
//
// `V` has the vector operations.
#pragma once

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
  // 0..63: a step adds at most 2 * 63 * 127 = 16002; two steps make 32004, so four take two sums.
  template <int kSum>
  struct TwoSums {
    struct Acc {
      I32 first, second;
    };
    using Weights = I32;
    static Weights Prepare(I32 bytes) { return bytes; }
    static Acc Begin(I32) { return {V::ZeroI32(), V::ZeroI32()}; }
    template <int kStep, int kOffset>
    static Acc Step(Acc acc, Weights w, const int8_t* block) {
      static_assert(kStep < 2 * kSum);
      const I32 product = V::Maddubs(w, V::template Four<kOffset>(block));
      if constexpr (kStep < kSum) return {V::AddI16(acc.first, product), acc.second};
      return {acc.first, V::AddI16(acc.second, product)};
    }
    static I32 End(Acc acc, I32 seed) {
      return V::AddI32(V::AddI32(V::Widen(acc.first), V::Widen(acc.second)), seed);
    }
  };

  using DotU5 = TwoSums<4>;
  using DotU6 = TwoSums<2>;

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
