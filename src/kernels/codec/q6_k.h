// Q6_K for the micro-kernel (matmul_int.h says what a codec offers; layout/q6_k.cc has the layout).
// w = d * scale * (q - 32). The term of the -32 is an exact integer: at most 4 * 128 * 2032 in 64
// values, times 32.
#pragma once

#include "kernels/codec/rows.h"

namespace ledge {

struct Q6_KCodec {
  static constexpr uint32_t kBlockValues = 256;
  static constexpr uint32_t kBlockBytes = 210;
  static constexpr int kPhases = 4;  // the quarters t of a half, see the layout
  static constexpr uint32_t kTurns = 2;
  static constexpr int kParts = 2;  // two quarters are 64 values
  template <int kPhase>
  static constexpr int kPartOf = kPhase / 2;
  static constexpr int kSteps = 4;
  static constexpr int kWeights = 1;
  static constexpr int kSeedShift = -1;
  static constexpr bool kMin = false;
  static constexpr uint32_t kOuter = 4;  // 2 * (half n) + (which 16 of a quarter's 32)
  static constexpr uint32_t kHighAt = 32 * kLineBytes;
  static constexpr uint32_t kScalesAt = 48 * kLineBytes;
  static constexpr uint32_t kHalvesAt = kScalesAt + 16 * kByteRowBytes;
  template <typename S>
  using Dot = typename S::DotU6;

  template <int kPhase>
  LEDGE_INLINE static uint32_t FirstValue(uint32_t outer) {
    return 128 * (outer / 2) + 32 * kPhase + 16 * (outer % 2);
  }
  template <int kStep, int kWeight>
  static constexpr int kOffset = 4 * kStep;

  template <typename S, int kPhase, int kStep>
  LEDGE_INLINE static void Unpack(const VectorRows<S>& rows, uint32_t outer,
                                  typename Dot<S>::Weights (&w)[kWeights]) {
    using I32 = typename S::I32;
    const uint32_t low_line = 16 * (outer / 2) + 8 * (kPhase % 2) + 4 * (outer % 2) + kStep;
    const uint32_t high_line = 4 * outer + kStep;
    const I32 low =
        S::template ShiftRight<4 * (kPhase / 2)>(S::LoadI32(rows.Line(low_line * kLineBytes)));
    const I32 stored = S::LoadI32(rows.Line(kHighAt + high_line * kLineBytes));
    I32 high;
    if constexpr (kPhase < 2)
      high = S::template ShiftLeft<4 - 2 * kPhase>(stored);
    else
      high = S::template ShiftRight<2 * kPhase - 4>(stored);
    w[0] = Dot<S>::Prepare(
        S::Or(S::And(low, S::SetI32(0x0F0F0F0F)), S::And(high, S::SetI32(0x30303030))));
  }

  template <typename S>
  struct Group {
    LEDGE_INLINE void Load(const VectorRows<S>&) {}
    template <int kPhase>
    LEDGE_INLINE typename S::F32 Scale(const VectorRows<S>& rows, uint32_t outer, uint32_t) const {
      const uint32_t index = 8 * (outer / 2) + 2 * kPhase + outer % 2;
      return S::LoadI8(rows.Bytes(kScalesAt + index * kByteRowBytes));
    }
  };

  template <typename S>
  struct Tail {
    typename S::I32 pairs[2];
    typename S::F32 d;

    LEDGE_INLINE void Load(const VectorRows<S>& rows, const Group<S>&, uint32_t part) {
      Unrolled<2>([&]<int j>() LEDGE_INLINE_LAMBDA {
        const uint32_t at = kScalesAt + (4 * part + 2 * j) * kByteRowBytes;
        const auto even = S::LoadI8I32(rows.Bytes(at));
        const auto odd = S::LoadI8I32(rows.Bytes(at + kByteRowBytes));
        pairs[j] = S::Or(S::And(even, S::SetI32(0xFFFF)), S::template ShiftLeft<16>(odd));
      });
      d = S::LoadF16(rows.Halves(kHalvesAt));
    }
    LEDGE_INLINE typename S::F32 Value(typename S::F32 sum, const ActGroup& a,
                                       uint32_t part) const {
      typename S::I32 zero = S::ZeroI32();
      Unrolled<2>([&]<int j>() LEDGE_INLINE_LAMBDA {
        zero = S::DotI16(zero, pairs[j], a.sum16 + 4 * part + 2 * j);
      });
      return S::Mul(d, S::Fma(S::ToF32(zero), S::Set1(-32.0f), sum));
    }
  };
};

}  // namespace ledge
