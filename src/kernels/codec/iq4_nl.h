// IQ4_NL for the micro-kernel (matmul_int.h says what a codec offers; layout/iq4.cc has the
// layout). w = (u - 128) * d with u out of a table: the -128 is the dot product's start, 16 times
// that of Q4_0.
#pragma once

#include "kernels/codec/iq4_dot.h"
#include "kernels/codec/rows.h"

namespace ledge {

struct Iq4NlCodec {
  static constexpr uint32_t kBlockValues = 32;
  static constexpr uint32_t kBlockBytes = 18;
  static constexpr int kPhases = 1;
  static constexpr uint32_t kTurns = 2;
  static constexpr int kParts = 1;
  static constexpr int kSteps = 4;
  static constexpr int kWeights = 2;
  static constexpr bool kMin = false;
  template <typename S>
  using Dot = Iq4Dot<S>;

  template <int kPhase>
  LEDGE_INLINE static uint32_t FirstValue(uint32_t outer) {
    return 32 * outer;
  }
  template <int kStep, int kWeight>
  static constexpr int kOffset = 4 * kStep + 16 * kWeight;

  template <typename S>
  LEDGE_INLINE static typename S::I32 Seed(const ActGroup& a, uint32_t first) {
    return S::template ShiftLeft<4>(S::SetI32(a.seed8[first / 32]));
  }

  template <typename S, int kPhase, int kStep>
  LEDGE_INLINE static void Unpack(const VectorRows<S>& rows, uint32_t outer,
                                  typename Dot<S>::Weights (&w)[kWeights]) {
    const typename S::I32 line = S::LoadI32(rows.Line((4 * outer + kStep) * kLineBytes));
    w[0] = Dot<S>::Choose(S::LowNibbles(line));
    w[1] = Dot<S>::Choose(S::HighNibbles(line));
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
