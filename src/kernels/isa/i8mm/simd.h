// The ISA traits for ARMv8.6's int8 instructions (Neoverse N2, Cortex-A710, Apple M2).
// isa/scalar/simd.h defines what each operation means.
//
// Of them, usdot alone is used: unsigned by signed bytes, so that biased weights need no
// preparation.
#pragma once

#include "kernels/isa/neon_128.h"

namespace ledge::isa_i8mm {

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

  // One instruction serves every width. It takes four activations as a lane of a register, so 16 of
  // them are loaded once for all rows.
  struct DotU4 {
    using Acc = I32;
    using Weights = uint8x16_t;
    static Weights Prepare(I32 bytes) { return vreinterpretq_u8_s32(bytes); }
    static Acc Begin(I32 seed) { return seed; }
    template <int kStep, int kOffset>
    static Acc Step(Acc acc, Weights w, const int8_t* block) {
      return vusdotq_laneq_s32(acc, w, vld1q_s8(block + kOffset / 16 * 16), kOffset % 16 / 4);
    }
    static I32 End(Acc acc, I32) { return acc; }

    // usmmla multiplies two rows by two columns, eight values of each, where usdot takes four
    // values of four rows and one column: twice the products an instruction.
    struct Pair {
      struct Acc {
        I32 low, high;  // rows 0 and 1, rows 2 and 3; a row's two columns side by side
      };
      // Two steps' weights: then eight values of rows 0 and 1, eight of rows 2 and 3.
      static void Join(Weights& first, Weights& second) {
        const auto a = vreinterpretq_u32_u8(first), b = vreinterpretq_u32_u8(second);
        first = vreinterpretq_u8_u32(vzip1q_u32(a, b));
        second = vreinterpretq_u8_u32(vzip2q_u32(a, b));
      }
      static int8x16_t Load(const int8_t* first, const int8_t* second) {
        return vcombine_s8(vld1_s8(first), vld1_s8(second));
      }
      static Acc Begin(I32 first, I32 second) {
        const I32 both = vzip1q_s32(first, second);
        return {both, both};
      }
      static Acc Step(Acc acc, Weights low, Weights high, int8x16_t a) {
        return {vusmmlaq_s32(acc.low, low, a), vusmmlaq_s32(acc.high, high, a)};
      }
      static I32 First(Acc acc) { return vuzp1q_s32(acc.low, acc.high); }
      static I32 Second(Acc acc) { return vuzp2q_s32(acc.low, acc.high); }
    };
  };
  using DotU5 = DotU4;
  using DotU6 = DotU4;
  using DotS8 = DotU4;
};

}  // namespace ledge::isa_i8mm
