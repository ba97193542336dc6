// The ISA traits for AVX-512 F, BW, VL, DQ without VNNI (Skylake-X). isa/scalar/simd.h defines what
// each operation means.
#pragma once

#include "kernels/isa/avx_512.h"
#include "kernels/isa/maddubs_dots.h"

namespace ledge::isa_avx512 {

struct Simd;
using Vectors = Avx512<Simd>;

struct Simd : Vectors, MaddubsDots<Vectors> {
  using I32 = Vectors::I32;
  // The matrix product's tiles: columns of an only chunk and of one of several (matmul.h), and
  // vectors of rows for so many columns.
  static constexpr int kMaxColumns = LEDGE_TILE_COLUMNS(6);
  static constexpr int kChunkColumns = LEDGE_TILE_COLUMNS(6);
  static constexpr bool kUnpacks = false;
  template <int kColumns>
  static constexpr int kIntVectors = 2;
  template <int kColumns>
  static constexpr int kFloatVectors = 2;
};

}  // namespace ledge::isa_avx512
