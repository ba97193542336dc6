// The ISA traits for AVX2 with AVX-VNNI (Alder Lake, also its small cores; Zen 5 has it too).
// isa/scalar/simd.h defines what each operation means.
#pragma once

#include "kernels/isa/avx_256.h"

// clang 14 knows the instructions without AVX-512 under names of their own.
#if defined(__clang__) && defined(__AVXVNNI__)
#define LEDGE_DPBUSD _mm256_dpbusd_avx_epi32
#define LEDGE_DPWSSD _mm256_dpwssd_avx_epi32
#else
#define LEDGE_DPBUSD _mm256_dpbusd_epi32
#define LEDGE_DPWSSD _mm256_dpwssd_epi32
#endif

namespace ledge::isa_avxvnni {

// `Isa` is Simd; the test has the same in AVX-512's encoding.
template <typename Isa>
struct VnniSimd : Avx256<Isa> {
  using I32 = __m256i;
  // The matrix product's tiles: columns of an only chunk and of one of several (matmul.h), and
  // vectors of rows for so many columns.
  static constexpr int kMaxColumns = LEDGE_TILE_COLUMNS(6);
  static constexpr int kChunkColumns = LEDGE_TILE_COLUMNS(6);
  static constexpr bool kUnpacks = false;
  template <int kColumns>
  static constexpr int kIntVectors = 2;
  template <int kColumns>
  static constexpr int kFloatVectors = kColumns <= 2 ? 4 : 2;

  // One instruction serves every width: dpbusd sums 4 products into 32 bits without saturation.
  struct DotU4 {
    using Acc = I32;
    using Weights = I32;
    static Weights Prepare(I32 bytes) { return bytes; }
    static Acc Begin(I32 seed) { return seed; }
    template <int kStep, int kOffset>
    static Acc Step(Acc acc, Weights w, const int8_t* block) {
      return LEDGE_DPBUSD(acc, w, Avx256<Isa>::template Four<kOffset>(block));
    }
    static I32 End(Acc acc, I32) { return acc; }
  };
  using DotU5 = DotU4;
  using DotU6 = DotU4;
  using DotS8 = DotU4;
};

struct Simd : VnniSimd<Simd> {};

}  // namespace ledge::isa_avxvnni

#undef LEDGE_DPBUSD
#undef LEDGE_DPWSSD
