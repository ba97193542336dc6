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
//   kOuter                     (types with blocks of 256) so many outer turns a group, else one a
//                              block
//   kTurns, kParts             a part of 64 values is complete after kTurns outer turns, or kParts
//                              of them in one
//   kPhases, FirstValue        sub-blocks an outer turn, unrolled, in equal numbers for its parts;
//                              the k of a sub-block's first value
//   kSteps, kWeights, kOffset  a sub-block is kSteps x kWeights times 4 values a row; step s's
//                              weight i multiplies the sub-block's 4 activations at
//                              kOffset<s, i>
//   Dot, Unpack                the ISA's dot product for the weights' range; the weights
//   Seed                       where a sub-block's dot product starts: what its zero points cost
//   Group, Scale               what is decoded once a group for all columns; a sub-block's scale
//   kMaxColumns                (optional) columns of a tile at most, where more would cost too much
//                              time to compile
//   kMin                       Group::Min times the sum of the activations is added (after the dot)
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
  using Groups = const Group* [kVectors];

  struct Columns {
    const ActGroup* first;
    size_t stride;
    LEDGE_INLINE const ActGroup& operator[](int m) const {
      return first[stride * static_cast<size_t>(m)];
    }
  };

  template <int kPhase>
  LEDGE_INLINE static void SubBlock(const Rows (&rows)[kVectors], const Groups& groups,
                                    const Columns& columns, uint32_t outer, uint32_t blocks,
                                    F32 (&sums)[kVectors][kColumns]) {
    const uint32_t first = C::template FirstValue<kPhase>(outer);
    typename Dot::Acc acc[kVectors][kColumns];
    LEDGE_UNROLL
    for (int m = 0; m < kColumns; ++m) {
      const I32 seed = C::template Seed<S>(columns[m], first);
      LEDGE_UNROLL
      for (int v = 0; v < kVectors; ++v) {
        acc[v][m] = Dot::Begin(seed);
      }
    }
    Unrolled<C::kSteps>([&]<int step>() LEDGE_INLINE_LAMBDA {
      typename Dot::Weights w[kVectors][C::kWeights];
      LEDGE_UNROLL
      for (int v = 0; v < kVectors; ++v) {
        C::template Unpack<S, kPhase, step>(rows[v], outer, w[v]);
      }
      Unrolled<C::kWeights>([&]<int i>() LEDGE_INLINE_LAMBDA {
        LEDGE_UNROLL
        for (int m = 0; m < kColumns; ++m) {
          const int8_t* block = columns[m].q + first;
          constexpr int kOffset = C::template kOffset<step, i>;
          LEDGE_UNROLL
          for (int v = 0; v < kVectors; ++v) {
            acc[v][m] =
                Dot::template Step<step * C::kWeights + i, kOffset>(acc[v][m], w[v][i], block);
          }
        }
      });
    });
    LEDGE_UNROLL
    for (int v = 0; v < kVectors; ++v) {
      const F32 scale = groups[v]->template Scale<kPhase>(rows[v], outer, blocks);
      LEDGE_UNROLL
      for (int m = 0; m < kColumns; ++m) {
        const I32 dot = Dot::End(acc[v][m], C::template Seed<S>(columns[m], first));
        sums[v][m] = S::Fma(S::ToF32(dot), scale, sums[v][m]);
      }
      if constexpr (C::kMin) {
        const F32 min = groups[v]->template Min<kPhase>(rows[v], outer, blocks);
        LEDGE_UNROLL
        for (int m = 0; m < kColumns; ++m) {
          sums[v][m] = S::Fma(min, S::Set1(columns[m].sum32f[first / 32]), sums[v][m]);
        }
      }
    }
  }

  // What one part of a turn fetches: its share of the panels' bytes, `ahead` bytes further on. A
  // panel is fetched by the vector with its first row.
  template <int kPart>
  LEDGE_INLINE static void Fetch(const Rows (&rows)[kVectors], uint32_t outer, ptrdiff_t ahead,
                                 const PrefetchPlan& plan) {
    constexpr uint32_t kTurnBytes = TurnBytes();
    constexpr uint32_t kLines = (kTurnBytes + 63) / 64;
    constexpr int kFirst = kPart * kLines / C::kParts;
    constexpr int kEnd = (kPart + 1) * kLines / C::kParts;
    LEDGE_UNROLL
    for (int v = 0; v < kVectors; ++v) {
      if (rows[v].First() != 0 || !plan.Has(v * S::kLanes / 16)) continue;
      const std::byte* at = rows[v].group + ahead + outer * kTurnBytes + 64 * kFirst;
      Unrolled<kEnd - kFirst>([&]<int i>()
                                  LEDGE_INLINE_LAMBDA { __builtin_prefetch(at + 64 * i, 0, 2); });
    }
  }
  static constexpr uint32_t TurnBytes() {
    if constexpr (C::kBlockValues == kActGroupValues)
      return C::kBlockBytes * 16 / C::kOuter;
    else
      return C::kBlockBytes * 16;
  }

  // Part `kPart` of turns [begin, end): 64 values.
  template <int kPart>
  LEDGE_INLINE static void Part(const Rows (&rows)[kVectors], const Groups& groups,
                                const Columns& columns, uint32_t begin, uint32_t end,
                                uint32_t blocks, ptrdiff_t ahead, const PrefetchPlan& plan,
                                F32 (&out)[kVectors][kColumns]) {
    constexpr int kPhases = C::kPhases / C::kParts;
    F32 sums[kVectors][kColumns];
    LEDGE_UNROLL
    for (int v = 0; v < kVectors; ++v) {
      LEDGE_UNROLL
      for (int m = 0; m < kColumns; ++m) {
        sums[v][m] = S::Zero();
      }
    }
    for (uint32_t outer = begin; outer < end; ++outer) {
      if (ahead != 0) Fetch<kPart>(rows, outer, ahead, plan);
      Unrolled<kPhases>([&]<int phase>() LEDGE_INLINE_LAMBDA {
        SubBlock<kPart * kPhases + phase>(rows, groups, columns, outer, blocks, sums);
        // Keeps g++ from carrying lines that two phases share in registers it has not got.
        if constexpr (C::kPhases > 1) asm volatile("" ::: "memory");
      });
    }
    const uint32_t part = begin / C::kTurns * C::kParts + kPart;
    LEDGE_UNROLL
    for (int v = 0; v < kVectors; ++v) {
      LEDGE_UNROLL
      for (int m = 0; m < kColumns; ++m) {
        out[v][m] = S::Fma(sums[v][m], S::Set1(columns[m].scale[part]), out[v][m]);
      }
    }
  }

  // `rows` at the first group of their panels. `decoded`: of the segment's first group, a vector's
  // beside the other's, `decoded_stride` to the next group; null: to be decoded here. `first`: the
  // first column's group at the segment's begin.
  LEDGE_INLINE static void Run(Rows (&rows)[kVectors], Segment segment, const Group* decoded,
                               size_t decoded_stride, const ActGroup* first, size_t stride,
                               const PrefetchPlan& prefetch, F32 (&out)[kVectors][kColumns]) {
    LEDGE_UNROLL
    for (int v = 0; v < kVectors; ++v) {
      rows[v].group += segment.begin / C::kBlockValues * C::kBlockBytes * 16;
    }
    Columns columns{first, stride};
    for (uint32_t left = segment.end - segment.begin; left != 0;) {
      const uint32_t values = left < kActGroupValues ? left : kActGroupValues;
      Group own[kVectors];
      Groups groups;
      LEDGE_UNROLL
      for (int v = 0; v < kVectors; ++v) {
        if (decoded == nullptr) own[v].Load(rows[v]);
        groups[v] = decoded == nullptr ? &own[v] : decoded + v;
      }
      const uint32_t blocks = values / C::kBlockValues;
      uint32_t turns = blocks;
      if constexpr (C::kBlockValues == kActGroupValues) turns = C::kOuter;
      const ptrdiff_t ahead = prefetch.Ahead(left);
      for (uint32_t begin = 0; begin < turns; begin += C::kTurns) {
        const uint32_t end = begin + C::kTurns < turns ? begin + C::kTurns : turns;
        Unrolled<C::kParts>([&]<int part>() LEDGE_INLINE_LAMBDA {
          Part<part>(rows, groups, columns, begin, end, blocks, ahead, prefetch, out);
        });
      }
      LEDGE_UNROLL
      for (int v = 0; v < kVectors; ++v) {
        rows[v].group += blocks * C::kBlockBytes * 16;
      }
      if (decoded != nullptr) decoded += decoded_stride;
      ++columns.first;
      left -= values;
    }
  }
};

// How a matrix of integer weights meets matmul.h's loops.
template <typename S, typename C>
struct IntMatmul {
  using Group = typename C::template Group<S>;
  static constexpr int MaxColumns() {
    if constexpr (requires { C::kMaxColumns; })
      return C::kMaxColumns < S::kMaxColumns ? C::kMaxColumns : S::kMaxColumns;
    else
      return S::kMaxColumns;
  }
  static constexpr int kMaxColumns = MaxColumns();
  static constexpr uint32_t kAheadValues = 1024;
  template <int kColumns>
  static constexpr int kTileVectors = S::template kIntVectors<kColumns>;

  // A segment's decoded scales, and those of some of its vectors (or none: to be decoded by the
  // tile).
  template <int kVectors>
  struct Part {
    const Group* at = nullptr;
    size_t stride = 0;
  };
  template <uint32_t kVectors>
  struct Decoded {
    Group groups[kSegmentValues / kActGroupValues][kVectors];

    LEDGE_INLINE void Load(uint32_t vector, VectorRows<S> rows, Segment segment) {
      rows.group += PanelBytes(segment.begin);
      for (uint32_t g = 0; g * kActGroupValues < segment.end - segment.begin; ++g) {
        groups[g][vector].Load(rows);
        rows.group += PanelBytes(kActGroupValues);
      }
    }
    template <int kOf>
    LEDGE_INLINE Part<kOf> From(uint32_t vector) const {
      return {&groups[0][vector], kVectors};
    }
  };

  const ActGroup* groups;
  size_t stride;

  LEDGE_INLINE static uint64_t PanelBytes(uint32_t cols) {
    return uint64_t{cols / C::kBlockValues} * C::kBlockBytes * 16;
  }
  LEDGE_INLINE static IntMatmul Of(const Activations& x, uint32_t cols) {
    return {x.groups, (cols + kActGroupValues - 1) / kActGroupValues};
  }
  template <int kVectors, int kColumns>
  LEDGE_INLINE void Tile(VectorRows<S> (&rows)[kVectors], Segment segment, uint32_t column,
                         const Part<kVectors>& decoded, const PrefetchPlan& prefetch,
                         typename S::F32 (&out)[kVectors][kColumns]) const {
    IntTile<S, C, kVectors, kColumns>::Run(
        rows, segment, decoded.at, decoded.stride,
        groups + column * stride + segment.begin / kActGroupValues, stride, prefetch, out);
  }
};

}  // namespace ledge
