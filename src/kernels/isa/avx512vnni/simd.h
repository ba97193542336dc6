// The ISA traits for AVX-512 F, BW, VL, DQ and VNNI. isa/scalar/simd.h defines what each operation
// means.
#pragma once

#include "kernels/isa/avx_512.h"

namespace ledge::isa_avx512vnni {

struct Simd : Avx512<Simd> {
  // The matrix product's tiles: columns of an only chunk and of one of several (matmul.h), and
  // vectors of rows for so many columns.
  static constexpr int kMaxColumns = LEDGE_TILE_COLUMNS(6);
  static constexpr int kChunkColumns = LEDGE_TILE_COLUMNS(6);
  static constexpr bool kUnpacks = false;
  template <int kColumns>
  static constexpr int kIntVectors = 2;
  template <int kColumns>
  static constexpr int kFloatVectors = 2;

  // One instruction serves every width: dpbusd sums 4 products into 32 bits without saturation.
  struct DotU4 {
    using Acc = I32;
    using Weights = I32;
    static Weights Prepare(I32 bytes) { return bytes; }
    static Acc Begin(I32 seed) { return seed; }
    template <int kStep, int kOffset>
    static Acc Step(Acc acc, Weights w, const int8_t* block) {
      return _mm512_dpbusd_epi32(acc, w, Four<kOffset>(block));
    }
    static I32 End(Acc acc, I32) { return acc; }
  };
  using DotU5 = DotU4;
  using DotU6 = DotU4;
  using DotS8 = DotU4;
};

}  // namespace ledge::isa_avx512vnni
