// The ISA traits for ARMv8.2 with the dot product (Cortex-A55, A76, Neoverse N1, Apple).
// isa/scalar/simd.h defines what each operation means.
#pragma once

#include "kernels/isa/neon_128.h"

namespace ledge::isa_dotprod {

struct Simd : Neon128<Simd> {
  // The matrix product's tiles: columns of an only chunk and of one of several (matmul.h), and
  // vectors of rows for so many columns.
  static constexpr int kMaxColumns = LEDGE_TILE_COLUMNS(6);
  static constexpr int kChunkColumns = LEDGE_TILE_COLUMNS(4);
  static constexpr bool kUnpacks = true;
  template <int kColumns>
  static constexpr int kIntVectors = kColumns == 1   ? 8
                                     : kColumns <= 4 ? 4
                                                     : 2;
  template <int kColumns>
  static constexpr int kFloatVectors = kColumns <= 2 ? 8 : 4;

  // sdot takes four activations as a lane of a register, so 16 of them are loaded once for all
  // rows.
  struct DotU4 {
    using Acc = I32;
    using Weights = int8x16_t;
    static Weights Prepare(I32 bytes) { return vreinterpretq_s8_s32(bytes); }
    static Acc Begin(I32 seed) { return seed; }
    template <int kStep, int kOffset>
    static Acc Step(Acc acc, Weights w, const int8_t* block) {
      return vdotq_laneq_s32(acc, w, vld1q_s8(block + kOffset / 16 * 16), kOffset % 16 / 4);
    }
    static I32 End(Acc acc, I32) { return acc; }
  };
  using DotU5 = DotU4;
  using DotU6 = DotU4;

  struct DotS8 : DotU4 {
    static Weights Prepare(I32 bytes) {
      return veorq_s8(vreinterpretq_s8_s32(bytes), vdupq_n_s8(-128));
    }
    static Acc Begin(I32) { return ZeroI32(); }
  };
};

}  // namespace ledge::isa_dotprod
