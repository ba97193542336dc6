// The micro-kernel of the integer weight types: ISA x codec x rows x columns.
//
// A tile is kVectors vectors of rows by kColumns columns. Each activation is broadcast once for all
// rows of the tile, each weight unpacked once for all columns. Per 32 (or 16) values an exact
// integer dot product, times the weights' scale, is added to a sum; per 64 values that sum, times
// the activations' scale, to the result. These are the only float operations, in this order, so the
// bits of a result depend on neither the ISA nor the tile's shape.
//
// A codec offers
//   kBlockValues, kBlockBytes  the source's
//   kOuter                     (types with blocks of 256) how often the phases are gone through in
//   a
//                              group; else once a block
//   kPhases, FirstValue        sub-blocks an outer turn, unrolled; the k of a sub-block's first
//   value kTurns, kParts, kPartOf    after so many outer turns so many parts of 64 values are
//   complete; which
//                              of them a phase belongs to
//   kSteps, kWeights, kOffset  a sub-block is kSteps x kWeights times 4 values a row; step s's
//   weight i
//                              multiplies the 4 activations at kOffset<s, i> of the sub-block
//   kSeedShift                 the dot product starts at seed8 << kSeedShift; at zero if negative
//   kMin                       Group::Min times the sum of the activations is added (after the dot)
//   Dot, Unpack                the weights, and the ISA's dot product for their range
//   Group, Scale               what is decoded once a group; the sub-block's scale
//   Tail, Value                from a part's sum to what the activations' scale multiplies
#pragma once

#include "kernels/activation.h"
#include "kernels/codec/rows.h"
#include "kernels/matmul.h"

namespace ledge {

template <typename S, typename C, int kVectors, int kColumns>
struct IntTile {
  using F32 = typename S::F32;
  using I32 = typename S::I32;
  using Dot = typename C::template Dot<S>;
  using Rows = VectorRows<S>;
  using Group = typename C::template Group<S>;

  struct Columns {
    const ActGroup* first;
    size_t stride;
    LEDGE_INLINE const ActGroup& operator[](int m) const {
      return first[stride * static_cast<size_t>(m)];
    }
  };

  LEDGE_INLINE static I32 Seed(const ActGroup& a, uint32_t sub_block) {
    if constexpr (C::kSeedShift < 0) {
      return S::ZeroI32();
    } else {
      const I32 seed = S::SetI32(a.seed8[sub_block]);
      if constexpr (C::kSeedShift == 0)
        return seed;
      else
        return S::template ShiftLeft<C::kSeedShift>(seed);
    }
  }

  template <int kPhase>
  LEDGE_INLINE static void SubBlock(const Rows (&rows)[kVectors], const Group (&groups)[kVectors],
                                    const Columns& columns, uint32_t outer, uint32_t blocks,
                                    F32 (&sums)[kVectors][kColumns]) {
    typename Dot::Acc acc[kVectors][kColumns];
    Unrolled<kColumns>([&]<int m>() LEDGE_INLINE_LAMBDA {
      const I32 seed = Seed(columns[m], outer);
      Unrolled<kVectors>([&]<int v>() LEDGE_INLINE_LAMBDA { acc[v][m] = Dot::Begin(seed); });
    });
    const uint32_t first = C::template FirstValue<kPhase>(outer);
    Unrolled<C::kSteps>([&]<int step>() LEDGE_INLINE_LAMBDA {
      typename Dot::Weights w[kVectors][C::kWeights];
      Unrolled<kVectors>([&]<int v>() LEDGE_INLINE_LAMBDA {
        C::template Unpack<S, kPhase, step>(rows[v], outer, w[v]);
      });
      Unrolled<C::kWeights>([&]<int i>() LEDGE_INLINE_LAMBDA {
        Unrolled<kColumns>([&]<int m>() LEDGE_INLINE_LAMBDA {
          const int8_t* block = columns[m].q + first;
          constexpr int kOffset = C::template kOffset<step, i>;
          Unrolled<kVectors>([&]<int v>() LEDGE_INLINE_LAMBDA {
            acc[v][m] =
                Dot::template Step<step * C::kWeights + i, kOffset>(acc[v][m], w[v][i], block);
          });
        });
      });
    });
    Unrolled<kVectors>([&]<int v>() LEDGE_INLINE_LAMBDA {
      const F32 scale = groups[v].template Scale<kPhase>(rows[v], outer, blocks);
      Unrolled<kColumns>([&]<int m>() LEDGE_INLINE_LAMBDA {
        const I32 dot = Dot::End(acc[v][m], Seed(columns[m], outer));
        sums[v][m] = S::Fma(S::ToF32(dot), scale, sums[v][m]);
      });
      if constexpr (C::kMin) {
        const F32 min = groups[v].Min(rows[v], outer, blocks);
        Unrolled<kColumns>([&]<int m>() LEDGE_INLINE_LAMBDA {
          sums[v][m] = S::Fma(min, S::Set1(columns[m].sum32f[outer]), sums[v][m]);
        });
      }
    });
  }

  // One turn's share of the panels, `ahead` bytes further on. A panel is fetched by the vector with
  // its first row.
  LEDGE_INLINE static void Fetch(const Rows (&rows)[kVectors], uint32_t outer, size_t ahead) {
    constexpr uint32_t kBytes = TurnBytes();
    Unrolled<kVectors>([&]<int v>() LEDGE_INLINE_LAMBDA {
      if (rows[v].First() != 0) return;
      const std::byte* at = rows[v].group + ahead + outer * kBytes;
      Unrolled<(kBytes + 63) / 64>(
          [&]<int i>() LEDGE_INLINE_LAMBDA { __builtin_prefetch(at + 64 * i, 0, 2); });
    });
  }
  static constexpr uint32_t TurnBytes() {
    if constexpr (C::kBlockValues == kActGroupValues)
      return C::kBlockBytes * 16 / C::kOuter;
    else
      return C::kBlockBytes * 16;
  }

  using Sums = F32[C::kParts][kVectors][kColumns];

  LEDGE_INLINE static void Clear(Sums& sums) {
    Unrolled<C::kParts>([&]<int part>() LEDGE_INLINE_LAMBDA {
      Unrolled<kVectors>([&]<int v>() LEDGE_INLINE_LAMBDA {
        Unrolled<kColumns>([&]<int m>() LEDGE_INLINE_LAMBDA { sums[part][v][m] = S::Zero(); });
      });
    });
  }

  // Parts [first_part, first_part + kParts) of the group are complete.
  LEDGE_INLINE static void AddParts(const Rows (&rows)[kVectors], const Group (&groups)[kVectors],
                                    const Columns& columns, uint32_t first_part, const Sums& sums,
                                    F32 (&out)[kVectors][kColumns]) {
    Unrolled<C::kParts>([&]<int part>() LEDGE_INLINE_LAMBDA {
      Unrolled<kVectors>([&]<int v>() LEDGE_INLINE_LAMBDA {
        typename C::template Tail<S> tail;
        tail.Load(rows[v], groups[v], first_part + part);
        Unrolled<kColumns>([&]<int m>() LEDGE_INLINE_LAMBDA {
          const ActGroup& a = columns[m];
          const F32 value = tail.Value(sums[part][v][m], a, first_part + part);
          out[v][m] = S::Fma(value, S::Set1(a.scale[first_part + part]), out[v][m]);
        });
      });
    });
  }

  // `rows` at the first group of their panels; `first` the first column's first group.
  LEDGE_INLINE static void Run(Rows (&rows)[kVectors], uint32_t cols, const ActGroup* first,
                               size_t stride, const PrefetchPlan& prefetch,
                               F32 (&out)[kVectors][kColumns]) {
    Unrolled<kVectors>([&]<int v>() LEDGE_INLINE_LAMBDA {
      Unrolled<kColumns>([&]<int m>() LEDGE_INLINE_LAMBDA { out[v][m] = S::Zero(); });
    });
    Columns columns{first, stride};
    for (uint32_t left = cols; left != 0;) {
      const uint32_t values = left < kActGroupValues ? left : kActGroupValues;
      Group groups[kVectors];
      Unrolled<kVectors>([&]<int v>() LEDGE_INLINE_LAMBDA { groups[v].Load(rows[v]); });
      const uint32_t blocks = values / C::kBlockValues;
      uint32_t turns = blocks;
      if constexpr (C::kBlockValues == kActGroupValues) turns = C::kOuter;
      const size_t ahead = prefetch.Ahead(left);
      for (uint32_t begin = 0; begin < turns; begin += C::kTurns) {
        Sums sums;
        Clear(sums);
        for (uint32_t outer = begin; outer < begin + C::kTurns && outer < turns; ++outer) {
          if (ahead != 0) Fetch(rows, outer, ahead);
          Unrolled<C::kPhases>([&]<int phase>() LEDGE_INLINE_LAMBDA {
            SubBlock<phase>(rows, groups, columns, outer, blocks, sums[C::template kPartOf<phase>]);
            // Keeps g++ from carrying lines that two phases share in registers it has not got.
            if constexpr (C::kPhases > 1) asm volatile("" ::: "memory");
          });
        }
        AddParts(rows, groups, columns, begin / C::kTurns * C::kParts, sums, out);
      }
      Unrolled<kVectors>(
          [&]<int v>() LEDGE_INLINE_LAMBDA { rows[v].group += blocks * C::kBlockBytes * 16; });
      ++columns.first;
      left -= values;
    }
  }
};

// How a matrix of integer weights meets matmul.h's loops.
template <typename S, typename C>
struct IntMatmul {
  static constexpr int kMaxColumns = S::kMaxColumns;
  static constexpr uint32_t kAheadValues = 1024;
  template <int kColumns>
  static constexpr int kTileVectors = S::template kIntVectors<kColumns>;

  const ActGroup* groups;
  size_t stride;

  LEDGE_INLINE static uint64_t PanelBytes(uint32_t cols) {
    return uint64_t{cols / C::kBlockValues} * C::kBlockBytes * 16;
  }
  LEDGE_INLINE static IntMatmul Of(const Activations& x, uint32_t cols) {
    return {x.groups, (cols + kActGroupValues - 1) / kActGroupValues};
  }
  template <int kVectors, int kColumns>
  LEDGE_INLINE void Tile(VectorRows<S> (&rows)[kVectors], uint32_t cols, uint32_t column,
                         const PrefetchPlan& prefetch,
                         typename S::F32 (&out)[kVectors][kColumns]) const {
    IntTile<S, C, kVectors, kColumns>::Run(rows, cols, groups + column * stride, stride, prefetch,
                                           out);
  }
};

}  // namespace ledge
