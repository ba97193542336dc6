// Q4_0 for the micro-kernel (matmul_int.h says what a codec offers; layout/q4_0.cc has the layout).
// w = (q - 8) * d: the -8 is the dot product's start.
#pragma once

#include "kernels/codec/rows.h"

namespace ledge {

struct Q4_0Codec {
  static constexpr uint32_t kBlockValues = 32;
  static constexpr uint32_t kBlockBytes = 18;
  static constexpr int kPhases = 1;
  static constexpr uint32_t kTurns = 2;
  static constexpr int kParts = 1;
  static constexpr int kSteps = 4;
  static constexpr int kWeights = 2;
  static constexpr bool kMin = false;
  template <typename S>
  using Dot = typename S::DotU4;

  template <int kPhase>
  LEDGE_INLINE static uint32_t FirstValue(uint32_t outer) {
    return 32 * outer;
  }
  template <int kStep, int kWeight>
  static constexpr int kOffset = 4 * kStep + 16 * kWeight;

  template <typename S>
  LEDGE_INLINE static typename S::I32 Seed(const ActGroup& a, uint32_t first) {
    return S::SetI32(a.seed8[first / 32]);
  }

  template <typename S, int kPhase, int kStep>
  LEDGE_INLINE static void Unpack(const VectorRows<S>& rows, uint32_t outer,
                                  typename Dot<S>::Weights (&w)[kWeights]) {
    const typename S::I32 line = S::LoadI32(rows.Line((4 * outer + kStep) * kLineBytes));
    w[0] = Dot<S>::Prepare(S::LowNibbles(line));
    w[1] = Dot<S>::Prepare(S::HighNibbles(line));
  }

  template <typename S>
  struct Group {
    LEDGE_INLINE void Load(const VectorRows<S>&) {}
    template <int kPhase>
    LEDGE_INLINE typename S::F32 Scale(const VectorRows<S>& rows, uint32_t outer,
                                       uint32_t blocks) const {
      return S::LoadF16(rows.Halves(blocks * 4 * kLineBytes + outer * kHalvesBytes));
    }
  };
};

}  // namespace ledge
