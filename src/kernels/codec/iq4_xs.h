// IQ4_XS for the micro-kernel (matmul_int.h says what a codec offers; layout/iq4.cc has the
// layout). w = (u - 128) * (d * (scale - 32)) with u out of a table: the -128 is the dot product's
// start, 16 times that of Q4_0.
#pragma once

#include "kernels/codec/iq4_dot.h"
#include "kernels/codec/rows.h"

namespace ledge {

struct Iq4XsCodec {
  static constexpr uint32_t kBlockValues = 256;
  static constexpr uint32_t kBlockBytes = 136;
  static constexpr uint32_t kOuter = 8;
  static constexpr int kPhases = 1;
  static constexpr uint32_t kTurns = 2;
  static constexpr int kParts = 1;
  static constexpr int kSteps = 4;
  static constexpr int kWeights = 2;
  static constexpr bool kMin = false;
  static constexpr uint32_t kLowerAt = 32 * kLineBytes;
  static constexpr uint32_t kUpperAt = kLowerAt + 4 * kByteRowBytes;
  static constexpr uint32_t kHalvesAt = kUpperAt + 2 * kByteRowBytes;
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
    alignas(64) float scales[8][S::kLanes];

    LEDGE_INLINE void Load(const VectorRows<S>& rows) {
      using I32 = typename S::I32;
      const auto d = S::LoadF16(rows.Halves(kHalvesAt));
      Unrolled<8>([&]<int i>() LEDGE_INLINE_LAMBDA {
        const I32 lower = S::LoadU8I32(rows.Bytes(kLowerAt + i / 2 * kByteRowBytes));
        const I32 upper = S::LoadU8I32(rows.Bytes(kUpperAt + i / 4 * kByteRowBytes));
        const I32 six =
            S::Or(S::And(S::template ShiftRight<i % 2 * 4>(lower), S::SetI32(0x0F)),
                  S::And(S::template ShiftLeft<4>(S::template ShiftRight<i % 4 * 2>(upper)),
                         S::SetI32(0x30)));
        S::StoreF32(scales[i], S::Mul(d, S::ToF32(S::SubI32(six, S::SetI32(32)))));
      });
    }
    template <int kPhase>
    LEDGE_INLINE typename S::F32 Scale(const VectorRows<S>&, uint32_t outer, uint32_t) const {
      return S::LoadF32(scales[outer]);
    }
  };
};

}  // namespace ledge
