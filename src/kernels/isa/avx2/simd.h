// The ISA traits for AVX2 with FMA and F16C. isa/scalar/simd.h defines what each operation means.
#pragma once

#include "kernels/isa/avx_256.h"
#include "kernels/isa/maddubs_dots.h"

namespace ledge::isa_avx2 {

struct Simd;
using Vectors = Avx256<Simd>;

struct Simd : Vectors, MaddubsDots<Vectors> {
  using I32 = Vectors::I32;
  using DotS8 = SignedDot<Vectors>;
  using NegatableDot = MagnitudeDot<Vectors>;
  // The matrix product's tiles: columns of an only chunk and of one of several (matmul.h), and
  // vectors of rows for so many columns. Two vectors by four columns need more registers than there
  // are; even so Q4_0 runs 1.12 times as fast as with one vector, Q4_K 1.23 times (Zen 3), since
  // each activation is broadcast half as often. Chunks of four and of six columns run at 0.98.
  static constexpr int kMaxColumns = LEDGE_TILE_COLUMNS(6);
  static constexpr int kChunkColumns = LEDGE_TILE_COLUMNS(5);
  static constexpr bool kUnpacks = true;
  template <int kColumns>
  static constexpr int kIntVectors = 2;
  template <int kColumns>
  static constexpr int kFloatVectors = kColumns <= 2 ? 4 : 2;
};

}  // namespace ledge::isa_avx2
