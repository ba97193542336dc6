// Where a tile of matmul_int.h has its weights and scales from: the panels themselves, unpacked on
// the way (PackedWeights), or a copy that was unpacked for all columns (UnpackedWeights). Integers
// and floats are the same either way.
#pragma once

#include "kernels/activation.h"
#include "kernels/codec/rows.h"
#include "kernels/inline.h"
#include "kernels/unroll.h"

namespace ledge {

// Outer turns (matmul_int.h) of a group of `values` values.
template <typename C>
LEDGE_INLINE uint32_t OuterTurns(uint32_t values) {
  if constexpr (C::kBlockValues == kActGroupValues) return C::kOuter;
  return values / C::kBlockValues;
}

// Scales of a segment, decoded for all columns: of its first group, a vector's beside the other's,
// `stride` to the next group. Null: a tile decodes them itself.
template <typename S, typename C>
struct DecodedScales {
  const typename C::template Group<S>* at = nullptr;
  size_t stride = 0;
};

// One group of a tile's rows.
template <typename S, typename C, int kVectors>
struct PackedWeights {
  using Weights = typename C::template Dot<S>::Weights;
  using Group = typename C::template Group<S>;

  static constexpr bool kWholeParts = false;  // whether all parts have all their sub-blocks
  static constexpr bool kPaired = false;      // whether two steps' weights were joined (Dot::Pair)
  const VectorRows<S> (&rows)[kVectors];
  const Group* groups[kVectors];
  uint32_t blocks;

  template <int kPhase, int kStep>
  LEDGE_INLINE void Load(int v, uint32_t outer, Weights (&w)[C::kWeights]) const {
    C::template Unpack<S, kPhase, kStep>(rows[v], outer, w);
  }
  template <int kPhase>
  LEDGE_INLINE typename S::F32 Scale(int v, uint32_t outer) const {
    return groups[v]->template Scale<kPhase>(rows[v], outer, blocks);
  }
  template <int kPhase>
  LEDGE_INLINE typename S::F32 Min(int v, uint32_t outer) const {
    return groups[v]->template Min<kPhase>(rows[v], outer, blocks);
  }
};

// Whether an ISA multiplies pairs of columns.
template <typename Dot>
inline constexpr bool kHasPair = requires { typename Dot::Pair; };

// One group of one vector of rows, unpacked: sub-blocks in the order of outer turns and phases,
// their weights in the order of steps.
template <typename S, typename C>
struct UnpackedGroup {
  using Weights = typename C::template Dot<S>::Weights;
  using F32 = typename S::F32;
  static constexpr uint32_t kSubBlockWeights = C::kSteps * C::kWeights;  // 4 values each
  static constexpr uint32_t kSubBlocks = kActGroupValues / 4 / kSubBlockWeights;

  Weights weights[kSubBlocks][kSubBlockWeights];
  F32 scales[kSubBlocks];
  F32 mins[C::kMin ? kSubBlocks : 1];

  LEDGE_INLINE void Load(const VectorRows<S>& rows, uint32_t values) {
    typename C::template Group<S> group;
    group.Load(rows);
    const uint32_t blocks = values / C::kBlockValues;
    const uint32_t turns = OuterTurns<C>(values);
    for (uint32_t outer = 0; outer < turns; ++outer) {
      Unrolled<C::kPhases>([&]<int phase>() LEDGE_INLINE_LAMBDA {
        const uint32_t sub_block = outer * C::kPhases + phase;
        Unrolled<C::kSteps>([&]<int step>() LEDGE_INLINE_LAMBDA {
          Weights w[C::kWeights];
          C::template Unpack<S, phase, step>(rows, outer, w);
          LEDGE_UNROLL
          for (int i = 0; i < C::kWeights; ++i) weights[sub_block][step * C::kWeights + i] = w[i];
        });
        if constexpr (kHasPair<typename C::template Dot<S>>) {
          LEDGE_UNROLL
          for (uint32_t i = 0; i < kSubBlockWeights; i += 2 * C::kWeights) {
            LEDGE_UNROLL
            for (int j = 0; j < C::kWeights; ++j)
              C::template Dot<S>::Pair::Join(weights[sub_block][i + j],
                                             weights[sub_block][i + C::kWeights + j]);
          }
        }
        scales[sub_block] = group.template Scale<phase>(rows, outer, blocks);
        if constexpr (C::kMin) mins[sub_block] = group.template Min<phase>(rows, outer, blocks);
      });
    }
    // A part without all its sub-blocks: none of them count.
    for (uint32_t i = turns * C::kPhases; i % (C::kTurns * C::kPhases) != 0; ++i) {
      scales[i] = S::Zero();
      if constexpr (C::kMin) mins[i] = S::Zero();
    }
  }
};

// Those of a segment: of its first group, a vector's beside the other's, `stride` to the next
// group.
template <typename S, typename C>
struct UnpackedGroups {
  const UnpackedGroup<S, C>* at = nullptr;
  size_t stride = 0;
};

// One group of a tile's rows.
template <typename S, typename C, int kVectors>
struct UnpackedWeights {
  using Weights = typename C::template Dot<S>::Weights;

  static constexpr bool kWholeParts = true;
  static constexpr bool kPaired = kHasPair<typename C::template Dot<S>>;
  const UnpackedGroup<S, C>* vectors;

  template <int kPhase, int kStep>
  LEDGE_INLINE void Load(int v, uint32_t outer, Weights (&w)[C::kWeights]) const {
    LEDGE_UNROLL
    for (int i = 0; i < C::kWeights; ++i)
      w[i] = vectors[v].weights[outer * C::kPhases + kPhase][kStep * C::kWeights + i];
  }
  // Weight i of two steps, joined.
  template <int kPhase, int kHalf, int i>
  LEDGE_INLINE void LoadPair(int v, uint32_t outer, Weights (&w)[2]) const {
    const auto& all = vectors[v].weights[outer * C::kPhases + kPhase];
    w[0] = all[2 * kHalf * C::kWeights + i];
    w[1] = all[(2 * kHalf + 1) * C::kWeights + i];
  }
  template <int kPhase>
  LEDGE_INLINE typename S::F32 Scale(int v, uint32_t outer) const {
    return vectors[v].scales[outer * C::kPhases + kPhase];
  }
  template <int kPhase>
  LEDGE_INLINE typename S::F32 Min(int v, uint32_t outer) const {
    return vectors[v].mins[outer * C::kPhases + kPhase];
  }
};

}  // namespace ledge
