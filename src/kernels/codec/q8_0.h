// Q8_0 for the micro-kernel (matmul_int.h says what a codec offers; layout/q8_0.cc has the layout).
// w = (u - 128) * d with u the stored byte: the -128 is the start of the dot product, 16 times that
// of Q4_0.
#pragma once

#include "kernels/codec/rows.h"

namespace ledge {

struct Q8_0Codec {
  static constexpr uint32_t kBlockValues = 32;
  static constexpr uint32_t kBlockBytes = 34;
  static constexpr int kPhases = 1;
  static constexpr uint32_t kTurns = 2;
  static constexpr int kParts = 1;
  static constexpr int kSteps = 8;
  static constexpr int kWeights = 1;
  static constexpr bool kMin = false;
  template <typename S>
  using Dot = typename S::DotS8;

  template <int kPhase>
  LEDGE_INLINE static uint32_t FirstValue(uint32_t outer) {
    return 32 * outer;
  }
  template <int kStep, int kWeight>
  static constexpr int kOffset = 4 * kStep;

  template <typename S>
  LEDGE_INLINE static typename S::I32 Seed(const ActGroup& a, uint32_t first) {
    return S::template ShiftLeft<4>(S::SetI32(a.seed8[first / 32]));
  }

  template <typename S, int kPhase, int kStep>
  LEDGE_INLINE static void Unpack(const VectorRows<S>& rows, uint32_t outer,
                                  typename Dot<S>::Weights (&w)[kWeights]) {
    w[0] = Dot<S>::Prepare(S::LoadI32(rows.Line((8 * outer + kStep) * kLineBytes)));
  }

  template <typename S>
  struct Group {
    LEDGE_INLINE void Load(const VectorRows<S>&) {}
    template <int kPhase>
    LEDGE_INLINE typename S::F32 Scale(const VectorRows<S>& rows, uint32_t outer,
                                       uint32_t blocks) const {
      return S::LoadF16(rows.Halves(blocks * 8 * kLineBytes + outer * kHalvesBytes));
    }
  };
};

}  // namespace ledge
