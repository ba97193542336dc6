// The ISA traits for ARMv8.0 (Cortex-A53, A72). isa/scalar/simd.h defines what each operation
// means.
#pragma once

#include "kernels/isa/neon_128.h"

namespace ledge::isa_neon {

struct Simd : Neon128<Simd> {
  // The matrix product's tiles: columns of an only chunk and of one of several (matmul.h), and
  // vectors of rows for so many columns.
  static constexpr int kMaxColumns = LEDGE_TILE_COLUMNS(6);
  static constexpr int kChunkColumns = LEDGE_TILE_COLUMNS(4);
  static constexpr bool kUnpacks = false;
  template <int kColumns>
  static constexpr int kIntVectors = kColumns == 1   ? 8
                                     : kColumns == 2 ? 4
                                                     : 2;
  template <int kColumns>
  static constexpr int kFloatVectors = kColumns <= 2 ? 8 : 4;

  // There is no dot product: smlal multiplies 8 bytes (two rows' 4) and adds to 16 bits each,
  // without saturation. 0..63 in at most 4 steps: 4 * 63 * 127 = 32004; 0..15 in at most 8: 15240.
  struct DotU6 {
    struct Acc {
      int16x8_t low, high;  // rows 0 and 1, rows 2 and 3
    };
    using Weights = int8x16_t;
    static Weights Prepare(I32 bytes) { return vreinterpretq_s8_s32(bytes); }
    static Acc Begin(I32) { return {vdupq_n_s16(0), vdupq_n_s16(0)}; }
    template <int kStep, int kOffset>
    static Acc Step(Acc acc, Weights w, const int8_t* block) {
      return MultiplyAdd < kStep == 0 > (acc, w, Four<kOffset>(block));
    }
    static I32 End(Acc acc, I32 seed) {
      return AddI32(vpaddq_s32(vpaddlq_s16(acc.low), vpaddlq_s16(acc.high)), seed);
    }
  };
  using DotU4 = DotU6;
  using DotU5 = DotU6;  // 0..31 in at most 8: 31496

  // Signed bytes: the sums of two steps reach 2 * 128 * 127 = 32512 and then go to 32 bits.
  struct DotS8 {
    struct Acc {
      DotU6::Acc two_steps;
      I32 low, high;
    };
    using Weights = int8x16_t;
    static Weights Prepare(I32 bytes) {
      return veorq_s8(vreinterpretq_s8_s32(bytes), vdupq_n_s8(-128));
    }
    static Acc Begin(I32) { return {DotU6::Begin(ZeroI32()), ZeroI32(), ZeroI32()}; }
    template <int kStep, int kOffset>
    static Acc Step(Acc acc, Weights w, const int8_t* block) {
      acc.two_steps = MultiplyAdd < kStep % 2 == 0 > (acc.two_steps, w, Four<kOffset>(block));
      if constexpr (kStep % 2 == 0) return acc;
      return {acc.two_steps, vpadalq_s16(acc.low, acc.two_steps.low),
              vpadalq_s16(acc.high, acc.two_steps.high)};
    }
    static I32 End(Acc acc, I32) { return vpaddq_s32(acc.low, acc.high); }
  };

 private:
  template <bool kFirst>
  static DotU6::Acc MultiplyAdd(DotU6::Acc acc, int8x16_t w, int8x16_t a) {
    if constexpr (kFirst)
      return {vmull_s8(vget_low_s8(w), vget_low_s8(a)), vmull_high_s8(w, a)};
    else
      return {vmlal_s8(acc.low, vget_low_s8(w), vget_low_s8(a)), vmlal_high_s8(acc.high, w, a)};
  }
  template <int kOffset>
  static int8x16_t Four(const int8_t* block) {
    return vreinterpretq_s8_s32(SetI32(Read<int32_t>(block + kOffset)));
  }
};

}  // namespace ledge::isa_neon
