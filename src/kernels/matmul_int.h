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
//   Dot, Unpack                the ISA's dot product for the weights' range; the weights. Dot::Pair
//                              (optional): of several rows and two columns at once, eight values
//                              each, for weights that were unpacked and joined, two steps' to one
//   Seed                       where a sub-block's dot product starts: what its zero points cost
//   Group, Scale               what is decoded once a group for all columns; a sub-block's scale
//   kMaxColumns                (optional) columns of an only chunk at most (matmul.h), where a tile
//                              that decodes its scales itself is slower with more
//   kUnpackColumns             (optional) from so many columns on weights are unpacked for all of
//                              them, where unpacking costs more than it does for other types
//   kMin                       Group::Min times the sum of the activations is added (after the dot)
#pragma once

#include "kernels/activation.h"
#include "kernels/codec/rows.h"
#include "kernels/matmul.h"
#include "kernels/tile_weights.h"

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

  // `Source`: PackedWeights or UnpackedWeights.
  template <int kPhase, typename Source>
  LEDGE_INLINE static void SubBlock(const Source& weights, const Columns& columns, uint32_t outer,
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
        weights.template Load<kPhase, step>(v, outer, w[v]);
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
    AddDots<kPhase>(weights, columns, outer, sums, [&](int v, int m) LEDGE_INLINE_LAMBDA {
      return Dot::End(acc[v][m], C::template Seed<S>(columns[m], first));
    });
  }

  // The same with instructions that multiply several rows by a pair of columns, eight values at a
  // time (Dot::Pair). An odd last column is its own neighbour.
  template <int kPhase, typename Source>
  LEDGE_INLINE static void PairedSubBlock(const Source& weights, const Columns& columns,
                                          uint32_t outer, F32 (&sums)[kVectors][kColumns]) {
    using Pair = typename Dot::Pair;
    constexpr int kPairs = (kColumns + 1) / 2;
    const uint32_t first = C::template FirstValue<kPhase>(outer);
    const auto second = [](int pair) { return 2 * pair + 1 < kColumns ? 2 * pair + 1 : 2 * pair; };
    typename Pair::Acc acc[kVectors][kPairs];
    LEDGE_UNROLL
    for (int p = 0; p < kPairs; ++p) {
      const auto seeds = Pair::Begin(C::template Seed<S>(columns[2 * p], first),
                                     C::template Seed<S>(columns[second(p)], first));
      LEDGE_UNROLL
      for (int v = 0; v < kVectors; ++v) acc[v][p] = seeds;
    }
    Unrolled<C::kSteps / 2>([&]<int half>() LEDGE_INLINE_LAMBDA {
      Unrolled<C::kWeights>([&]<int i>() LEDGE_INLINE_LAMBDA {
        constexpr int kOffset = C::template kOffset<2 * half, i>;
        static_assert(C::template kOffset<2 * half + 1, i> == kOffset + 4);
        typename Dot::Weights w[kVectors][2];
        LEDGE_UNROLL
        for (int v = 0; v < kVectors; ++v)
          weights.template LoadPair<kPhase, half, i>(v, outer, w[v]);
        LEDGE_UNROLL
        for (int p = 0; p < kPairs; ++p) {
          const auto a = Pair::Load(columns[2 * p].q + first + kOffset,
                                    columns[second(p)].q + first + kOffset);
          LEDGE_UNROLL
          for (int v = 0; v < kVectors; ++v) acc[v][p] = Pair::Step(acc[v][p], w[v][0], w[v][1], a);
        }
      });
    });
    AddDots<kPhase>(weights, columns, outer, sums, [&](int v, int m) LEDGE_INLINE_LAMBDA {
      return m % 2 == 0 ? Pair::First(acc[v][m / 2]) : Pair::Second(acc[v][m / 2]);
    });
  }

  // Adds a sub-block's dot products, `dot(vector, column)`, to the sums.
  template <int kPhase, typename Source, typename F>
  LEDGE_INLINE static void AddDots(const Source& weights, const Columns& columns, uint32_t outer,
                                   F32 (&sums)[kVectors][kColumns], F&& dot) {
    const uint32_t first = C::template FirstValue<kPhase>(outer);
    LEDGE_UNROLL
    for (int v = 0; v < kVectors; ++v) {
      const F32 scale = weights.template Scale<kPhase>(v, outer);
      LEDGE_UNROLL
      for (int m = 0; m < kColumns; ++m) {
        sums[v][m] = S::Fma(S::ToF32(dot(v, m)), scale, sums[v][m]);
      }
      if constexpr (C::kMin) {
        const F32 min = weights.template Min<kPhase>(v, outer);
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
  template <int kPart, typename Source>
  LEDGE_INLINE static void Part(const Rows (&rows)[kVectors], const Source& weights,
                                const Columns& columns, uint32_t begin, uint32_t end,
                                ptrdiff_t ahead, const PrefetchPlan& plan,
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
    const auto turn = [&](uint32_t outer) LEDGE_INLINE_LAMBDA {
      if (ahead != 0) Fetch<kPart>(rows, outer, ahead, plan);
      Unrolled<kPhases>([&]<int phase>() LEDGE_INLINE_LAMBDA {
        if constexpr (Source::kPaired)
          PairedSubBlock<kPart * kPhases + phase>(weights, columns, outer, sums);
        else
          SubBlock<kPart * kPhases + phase>(weights, columns, outer, sums);
        // Keeps g++ from carrying lines that two phases share in registers it has not got.
        if constexpr (C::kPhases > 1 || Source::kWholeParts) asm volatile("" ::: "memory");
      });
    };
    if constexpr (Source::kWholeParts) {
      Unrolled<C::kTurns>([&]<int i>() LEDGE_INLINE_LAMBDA { turn(begin + i); });
    } else {
      for (uint32_t outer = begin; outer < end; ++outer) turn(outer);
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

  // The parts of one group of `turns` outer turns.
  template <typename Source>
  LEDGE_INLINE static void GroupOf(const Rows (&rows)[kVectors], const Source& weights,
                                   const Columns& columns, uint32_t turns, ptrdiff_t ahead,
                                   const PrefetchPlan& plan, F32 (&out)[kVectors][kColumns]) {
    for (uint32_t begin = 0; begin < turns; begin += C::kTurns) {
      const uint32_t end = begin + C::kTurns < turns ? begin + C::kTurns : turns;
      Unrolled<C::kParts>([&]<int part>() LEDGE_INLINE_LAMBDA {
        Part<part>(rows, weights, columns, begin, end, ahead, plan, out);
      });
    }
  }

  // `rows` at the first group of their panels. `first`: the first column's group at the segment's
  // begin. `decoded`: what was decoded or unpacked of the segment.
  LEDGE_INLINE static void Run(Rows (&rows)[kVectors], Segment segment,
                               const DecodedScales<S, C>& decoded, const ActGroup* first,
                               size_t stride, const PrefetchPlan& prefetch,
                               F32 (&out)[kVectors][kColumns]) {
    const Group* scales = decoded.at;
    ForGroups(rows, segment, first, stride,
              [&](const Columns& columns, uint32_t values, uint32_t left) LEDGE_INLINE_LAMBDA {
                Group own[kVectors];
                PackedWeights<S, C, kVectors> weights{rows, {}, values / C::kBlockValues};
                LEDGE_UNROLL
                for (int v = 0; v < kVectors; ++v) {
                  if (scales == nullptr) own[v].Load(rows[v]);
                  weights.groups[v] = scales == nullptr ? &own[v] : scales + v;
                }
                GroupOf(rows, weights, columns, OuterTurns<C>(values), prefetch.Ahead(left),
                        prefetch, out);
                if (scales != nullptr) scales += decoded.stride;
              });
  }
  LEDGE_INLINE static void Run(Rows (&rows)[kVectors], Segment segment,
                               const UnpackedGroups<S, C>& unpacked, const ActGroup* first,
                               size_t stride, const PrefetchPlan& prefetch,
                               F32 (&out)[kVectors][kColumns]) {
    UnpackedWeights<S, C, kVectors> weights{unpacked.at};
    uint32_t group = 0;
    ForGroups(rows, segment, first, stride,
              [&](const Columns& columns, uint32_t values, uint32_t) LEDGE_INLINE_LAMBDA {
                GroupOf(rows, weights, columns, OuterTurns<C>(values),
                        prefetch.HasGroup(group) ? prefetch.far : 0, prefetch, out);
                weights.vectors += unpacked.stride;
                ++group;
              });
  }

  // fn(columns at a group, the group's values, values left with it) for each group of a segment.
  template <typename F>
  LEDGE_INLINE static void ForGroups(Rows (&rows)[kVectors], Segment segment, const ActGroup* first,
                                     size_t stride, F&& fn) {
    LEDGE_UNROLL
    for (int v = 0; v < kVectors; ++v) {
      rows[v].group += segment.begin / C::kBlockValues * C::kBlockBytes * 16;
    }
    Columns columns{first, stride};
    for (uint32_t left = segment.end - segment.begin; left != 0;) {
      const uint32_t values = left < kActGroupValues ? left : kActGroupValues;
      fn(columns, values, left);
      LEDGE_UNROLL
      for (int v = 0; v < kVectors; ++v) {
        rows[v].group += values / C::kBlockValues * C::kBlockBytes * 16;
      }
      ++columns.first;
      left -= values;
    }
  }
};

// How a matrix of integer weights meets matmul.h's loops.
template <typename S, typename C>
struct IntMatmul {
  using Group = typename C::template Group<S>;
  using I32 = typename S::I32;
  static constexpr int MaxColumns() {
    if constexpr (requires { C::kMaxColumns; })
      return C::kMaxColumns < S::kMaxColumns ? C::kMaxColumns : S::kMaxColumns;
    else
      return S::kMaxColumns;
  }
  static constexpr int kMaxColumns = MaxColumns();
  static constexpr int kChunkColumns = S::kChunkColumns;
  static constexpr uint32_t kAheadValues = 1024;
  template <int kColumns>
  static constexpr int kTileVectors = S::template kIntVectors<kColumns>;

  // A segment's scales, decoded for all columns.
  using Part = DecodedScales<S, C>;
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
    LEDGE_INLINE Part From(uint32_t vector) const { return {&groups[0][vector], kVectors}; }
  };

  // A segment's weights, unpacked for all columns. They stay in the first-level cache.
  static constexpr bool kUnpacks = S::kUnpacks;
  static constexpr uint32_t UnpackColumns() {
    if constexpr (requires { C::kUnpackColumns; })
      return C::kUnpackColumns;
    else
      return ledge::kUnpackColumns;
  }
  static constexpr uint32_t kUnpackColumns = UnpackColumns();
  static constexpr uint32_t kUnpackedBytes = 16 * 1024;
  static constexpr uint32_t kUnpackedValues =
      kUnpackedBytes / (16 * sizeof(typename C::template Dot<S>::Weights) / sizeof(I32));
  template <uint32_t kVectors>
  struct Unpacked {
    UnpackedGroup<S, C> groups[kUnpackedValues / kActGroupValues][kVectors];

    LEDGE_INLINE void Load(uint32_t vector, VectorRows<S> rows, Segment segment) {
      rows.group += PanelBytes(segment.begin);
      uint32_t left = segment.end - segment.begin;
      for (uint32_t g = 0; left != 0; ++g) {
        const uint32_t values = left < kActGroupValues ? left : kActGroupValues;
        groups[g][vector].Load(rows, values);
        rows.group += PanelBytes(kActGroupValues);
        left -= values;
      }
    }
    LEDGE_INLINE UnpackedGroups<S, C> From(uint32_t vector) const {
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
  // `Weights`: Part or UnpackedGroups.
  template <int kVectors, int kColumns, typename Weights>
  LEDGE_INLINE void Tile(VectorRows<S> (&rows)[kVectors], Segment segment, uint32_t column,
                         const Weights& weights, const PrefetchPlan& prefetch,
                         typename S::F32 (&out)[kVectors][kColumns]) const {
    IntTile<S, C, kVectors, kColumns>::Run(
        rows, segment, weights, groups + column * stride + segment.begin / kActGroupValues, stride,
        prefetch, out);
  }
};

}  // namespace ledge
