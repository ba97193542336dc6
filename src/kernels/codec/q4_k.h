// Q4_K for the micro-kernel (matmul_int.h says what a codec offers; layout/q4_k.cc has the layout).
// w = d * scale * q - dmin * min: with d * scale and -dmin * min rounded to floats once a group, a
// sub-block is one of Q4_1.
#pragma once

#include "kernels/codec/rows.h"

namespace ledge {

struct Q4_KCodec {
  static constexpr uint32_t kBlockValues = 256;
  static constexpr uint32_t kBlockBytes = 144;
  static constexpr int kPhases = 2;  // low and high nibbles of a chunk of 32 bytes
  static constexpr uint32_t kTurns = 1;
  static constexpr int kParts = 1;
  static constexpr int kSteps = 8;
  static constexpr int kWeights = 1;
  static constexpr bool kMin = true;
  static constexpr uint32_t kOuter = 4;
  static constexpr uint32_t kScalesAt = 32 * kLineBytes;
  static constexpr uint32_t kHalvesAt = kScalesAt + 12 * kByteRowBytes;
  template <typename S>
  using Dot = typename S::DotU4;

  template <int kPhase>
  LEDGE_INLINE static uint32_t FirstValue(uint32_t outer) {
    return 64 * outer + 32 * kPhase;
  }
  template <int kStep, int kWeight>
  static constexpr int kOffset = 4 * kStep;

  template <typename S>
  LEDGE_INLINE static typename S::I32 Seed(const ActGroup&, uint32_t) {
    return S::ZeroI32();
  }

  template <typename S, int kPhase, int kStep>
  LEDGE_INLINE static void Unpack(const VectorRows<S>& rows, uint32_t outer,
                                  typename Dot<S>::Weights (&w)[kWeights]) {
    const typename S::I32 line = S::LoadI32(rows.Line((8 * outer + kStep) * kLineBytes));
    w[0] = Dot<S>::Prepare(kPhase == 0 ? S::LowNibbles(line) : S::HighNibbles(line));
  }

  template <typename S>
  struct Group {
    alignas(64) float scales[8][S::kLanes];
    alignas(64) float mins[8][S::kLanes];

    LEDGE_INLINE void Load(const VectorRows<S>& rows) {
      using I32 = typename S::I32;
      const I32 six = S::SetI32(0x3F);
      const I32 low = S::SetI32(0x0F);
      const I32 top = S::SetI32(0x30);
      const auto d = S::LoadF16(rows.Halves(kHalvesAt));
      const auto minus_dmin = S::Neg(S::LoadF16(rows.Halves(kHalvesAt + kHalvesBytes)));
      const auto store = [](float* to, typename S::F32 factor, I32 value) LEDGE_INLINE_LAMBDA {
        S::StoreF32(to, S::Mul(factor, S::ToF32(value)));
      };
      Unrolled<4>([&]<int j>() LEDGE_INLINE_LAMBDA {
        const I32 a = Packed(rows, j);
        const I32 b = Packed(rows, j + 4);
        const I32 c = Packed(rows, j + 8);
        store(scales[j], d, S::And(a, six));
        store(scales[j + 4], d, S::Or(S::And(c, low), S::And(S::template ShiftRight<2>(a), top)));
        store(mins[j], minus_dmin, S::And(b, six));
        store(mins[j + 4], minus_dmin,
              S::Or(S::template ShiftRight<4>(c), S::And(S::template ShiftRight<2>(b), top)));
      });
    }
    template <int kPhase>
    LEDGE_INLINE typename S::F32 Scale(const VectorRows<S>&, uint32_t outer, uint32_t) const {
      return S::LoadF32(scales[2 * outer + kPhase]);
    }
    template <int kPhase>
    LEDGE_INLINE typename S::F32 Min(const VectorRows<S>&, uint32_t outer, uint32_t) const {
      return S::LoadF32(mins[2 * outer + kPhase]);
    }

   private:
    LEDGE_INLINE static typename S::I32 Packed(const VectorRows<S>& rows, uint32_t i) {
      return S::LoadU8I32(rows.Bytes(kScalesAt + i * kByteRowBytes));
    }
  };
};

}  // namespace ledge
