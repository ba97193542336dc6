// Q6_K for the micro-kernel (matmul_int.h says what a codec offers; layout/q6_k.cc has the layout).
// w = d * scale * (q - 32), with d * scale rounded to a float once a group; the -32 is the dot
// product's start.
#pragma once

#include "kernels/codec/rows.h"

namespace ledge {

struct Q6_KCodec {
  static constexpr uint32_t kBlockValues = 256;
  static constexpr uint32_t kBlockBytes = 210;
  static constexpr uint32_t kOuter = 2;  // the halves of a block
  static constexpr uint32_t kTurns = 1;
  static constexpr int kParts = 2;   // two quarters of a half are 64 values
  static constexpr int kPhases = 8;  // 16 values each: of a part's two quarters in turn
  static constexpr int QuarterOf(int phase) { return 2 * (phase / 4) + phase % 2; }
  static constexpr int Which16(int phase) { return phase % 4 / 2; }
  static constexpr int kSteps = 4;
  static constexpr int kWeights = 1;
  static constexpr int kMaxColumns = 4;
  static constexpr bool kMin = false;
  static constexpr uint32_t kHighAt = 32 * kLineBytes;
  static constexpr uint32_t kScalesAt = 48 * kLineBytes;
  static constexpr uint32_t kHalvesAt = kScalesAt + 16 * kByteRowBytes;
  template <typename S>
  using Dot = typename S::DotU6;

  template <int kPhase>
  LEDGE_INLINE static uint32_t FirstValue(uint32_t outer) {
    return 128 * outer + 32 * QuarterOf(kPhase) + 16 * Which16(kPhase);
  }
  template <int kStep, int kWeight>
  static constexpr int kOffset = 4 * kStep;

  template <typename S>
  LEDGE_INLINE static typename S::I32 Seed(const ActGroup& a, uint32_t first) {
    return S::SetI32(a.seed32[first / 16]);
  }

  template <typename S, int kPhase, int kStep>
  LEDGE_INLINE static void Unpack(const VectorRows<S>& rows, uint32_t outer,
                                  typename Dot<S>::Weights (&w)[kWeights]) {
    using I32 = typename S::I32;
    constexpr int kQuarter = QuarterOf(kPhase);
    constexpr int kLine = 4 * Which16(kPhase) + kStep;
    const I32 stored_low =
        S::LoadI32(rows.Line((16 * outer + 8 * (kQuarter % 2) + kLine) * kLineBytes));
    const I32 stored_high = S::LoadI32(rows.Line(kHighAt + (8 * outer + kLine) * kLineBytes));
    const I32 low = S::template ShiftRight<4 * (kQuarter / 2)>(stored_low);
    I32 high;
    if constexpr (kQuarter < 2)
      high = S::template ShiftLeft<4 - 2 * kQuarter>(stored_high);
    else
      high = S::template ShiftRight<2 * kQuarter - 4>(stored_high);
    w[0] = Dot<S>::Prepare(
        S::Or(S::And(low, S::SetI32(0x0F0F0F0F)), S::And(high, S::SetI32(0x30303030))));
  }

  template <typename S>
  struct Group {
    alignas(64) float scales[16][S::kLanes];

    LEDGE_INLINE void Load(const VectorRows<S>& rows) {
      const auto d = S::LoadF16(rows.Halves(kHalvesAt));
      Unrolled<16>([&]<int i>() LEDGE_INLINE_LAMBDA {
        S::StoreF32(scales[i], S::Mul(d, S::LoadI8(rows.Bytes(kScalesAt + i * kByteRowBytes))));
      });
    }
    template <int kPhase>
    LEDGE_INLINE typename S::F32 Scale(const VectorRows<S>&, uint32_t outer, uint32_t) const {
      return S::LoadF32(scales[8 * outer + 2 * QuarterOf(kPhase) + Which16(kPhase)]);
    }
  };
};

}  // namespace ledge
