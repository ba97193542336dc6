// MXFP4 for the micro-kernel (matmul_int.h says what a codec offers; layout/iq4.cc has the layout).
// w = (u - 16) * 2^(e - 128) with u out of a table: the -16 is the dot product's start, twice that
// of Q4_0.
#pragma once

#include "kernels/codec/rows.h"
#include "kernels/codec/tables.h"

namespace ledge {

struct Mxfp4Codec {
  static constexpr uint32_t kBlockValues = 32;
  static constexpr uint32_t kBlockBytes = 17;
  static constexpr int kPhases = 1;
  static constexpr uint32_t kTurns = 2;
  static constexpr int kParts = 1;
  static constexpr int kSteps = 4;
  static constexpr int kWeights = 2;
  static constexpr bool kMin = false;
  template <typename S>
  using Dot = typename S::DotU5;

  template <int kPhase>
  LEDGE_INLINE static uint32_t FirstValue(uint32_t outer) {
    return 32 * outer;
  }
  template <int kStep, int kWeight>
  static constexpr int kOffset = 4 * kStep + 16 * kWeight;

  template <typename S>
  LEDGE_INLINE static typename S::I32 Seed(const ActGroup& a, uint32_t first) {
    return S::template ShiftLeft<1>(S::SetI32(a.seed8[first / 32]));
  }

  template <typename S, int kPhase, int kStep>
  LEDGE_INLINE static void Unpack(const VectorRows<S>& rows, uint32_t outer,
                                  typename Dot<S>::Weights (&w)[kWeights]) {
    const typename S::I32 line = S::LoadI32(rows.Line((4 * outer + kStep) * kLineBytes));
    w[0] = Dot<S>::Prepare(S::LookUp(S::LowNibbles(line), kMxfp4Bytes));
    w[1] = Dot<S>::Prepare(S::LookUp(S::HighNibbles(line), kMxfp4Bytes));
  }

  template <typename S>
  struct Group {
    LEDGE_INLINE void Load(const VectorRows<S>&) {}
    template <int kPhase>
    LEDGE_INLINE typename S::F32 Scale(const VectorRows<S>& rows, uint32_t outer,
                                       uint32_t blocks) const {
      const typename S::I32 e =
          S::LoadU8I32(rows.Bytes(blocks * 4 * kLineBytes + outer * kByteRowBytes));
      const typename S::I32 one = S::SetI32(1);
      // Below 2 the scale is subnormal: 2^-128 or 2^-127.
      return S::Select(S::LtI32(e, S::SetI32(2)),
                       S::FloatOf(S::template ShiftLeft<21>(S::AddI32(e, one))),
                       S::FloatOf(S::template ShiftLeft<23>(S::SubI32(e, one))));
    }
  };
};

}  // namespace ledge
