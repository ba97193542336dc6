// Q5_K for the micro-kernel (matmul_int.h says what a codec offers; layout/q5_k.cc has the layout).
// As Q4_K, with a fifth bit for each value.
#pragma once

#include "kernels/codec/rows.h"
#include "kernels/codec/sixes.h"

namespace ledge {

struct Q5_KCodec {
  static constexpr uint32_t kBlockValues = 256;
  static constexpr uint32_t kBlockBytes = 176;
  static constexpr int kPhases = 2;  // low and high nibbles of a chunk of 32 bytes
  static constexpr uint32_t kTurns = 1;
  static constexpr int kParts = 1;
  static constexpr int kSteps = 8;
  static constexpr int kWeights = 1;
  static constexpr bool kMin = true;
  static constexpr uint32_t kOuter = 4;
  static constexpr uint32_t kFifthAt = 32 * kLineBytes;
  static constexpr uint32_t kScalesAt = 40 * kLineBytes;
  static constexpr uint32_t kHalvesAt = kScalesAt + 12 * kByteRowBytes;
  template <typename S>
  using Dot = typename S::DotU5;

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
    const typename S::I32 fifth = S::ShiftRightBy(
        S::LoadI32(rows.Line(kFifthAt + kStep * kLineBytes)), static_cast<int>(2 * outer));
    w[0] = Dot<S>::Prepare(
        S::Or(kPhase == 0 ? S::LowNibbles(line) : S::HighNibbles(line),
              S::And(S::template ShiftLeft<4 - kPhase>(fifth), S::SetI32(0x10101010))));
  }

  template <typename S>
  using Group = SixesGroup<S, kScalesAt, kHalvesAt>;
};

}  // namespace ledge
