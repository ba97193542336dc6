// IQ3_S for the micro-kernel (matmul_int.h says what a codec offers; layout/iq3_s.cc has the
// layout). w = (u - 16) * (d * (1 + 2 * scale)) with u = 16 plus or minus a coordinate out of a
// table: the -16 is the dot product's start, twice that of Q4_0.
#pragma once

#include "kernels/codec/rows.h"
#include "kernels/codec/tables.h"

namespace ledge {

struct Iq3SCodec {
  static constexpr uint32_t kBlockValues = 256;
  static constexpr uint32_t kBlockBytes = 110;
  static constexpr uint32_t kOuter = 8;
  static constexpr int kPhases = 1;
  static constexpr uint32_t kTurns = 2;
  static constexpr int kParts = 1;
  static constexpr int kSteps = 8;
  static constexpr int kWeights = 1;
  static constexpr int kMaxColumns = 1;
  static constexpr uint32_t kUnpackColumns = 6;
  static constexpr bool kMin = false;
  static constexpr uint32_t kNinthAt = 64 * kByteRowBytes;
  static constexpr uint32_t kSignsAt = kNinthAt + 8 * kByteRowBytes;
  static constexpr uint32_t kScalesAt = kSignsAt + 32 * kByteRowBytes;
  static constexpr uint32_t kHalvesAt = kScalesAt + 4 * kByteRowBytes;
  template <typename S>
  using Dot = typename S::DotU5;

  template <int kPhase>
  LEDGE_INLINE static uint32_t FirstValue(uint32_t outer) {
    return 32 * outer;
  }
  template <int kStep, int kWeight>
  static constexpr int kOffset = 4 * kStep;

  template <typename S>
  LEDGE_INLINE static typename S::I32 Seed(const ActGroup& a, uint32_t first) {
    return S::template ShiftLeft<1>(S::SetI32(a.seed8[first / 32]));
  }

  template <typename S, int kPhase, int kStep>
  LEDGE_INLINE static void Unpack(const VectorRows<S>& rows, uint32_t outer,
                                  typename Dot<S>::Weights (&w)[kWeights]) {
    using I32 = typename S::I32;
    const auto byte = [&](size_t offset)
                          LEDGE_INLINE_LAMBDA { return S::LoadU8I32(rows.Bytes(offset)); };
    const I32 low = byte((8 * outer + kStep) * kByteRowBytes);
    const I32 ninth = S::template ShiftRight<kStep>(byte(kNinthAt + outer * kByteRowBytes));
    const I32 point = S::Gather(
        kIq3SPoints.at, S::Or(low, S::And(S::template ShiftLeft<8>(ninth), S::SetI32(0x100))));
    // A bit a byte, then 15 in each byte that is negative: 16 + c - 2 * (c & 15).
    const I32 signs = S::And(S::template ShiftRight<kStep % 2 * 4>(
                                 byte(kSignsAt + (4 * outer + kStep / 2) * kByteRowBytes)),
                             S::SetI32(0x0F));
    const I32 spread =
        S::And(S::Or(S::Or(signs, S::template ShiftLeft<7>(signs)),
                     S::Or(S::template ShiftLeft<14>(signs), S::template ShiftLeft<21>(signs))),
               S::SetI32(0x01010101));
    const I32 negative = S::And(point, S::SubI32(S::template ShiftLeft<4>(spread), spread));
    w[0] = Dot<S>::Prepare(
        S::SubI32(S::AddI32(point, S::SetI32(0x10101010)), S::template ShiftLeft<1>(negative)));
  }

  template <typename S>
  struct Group {
    alignas(64) float scales[8][S::kLanes];

    LEDGE_INLINE void Load(const VectorRows<S>& rows) {
      using I32 = typename S::I32;
      const auto d = S::LoadF16(rows.Halves(kHalvesAt));
      Unrolled<8>([&]<int i>() LEDGE_INLINE_LAMBDA {
        const I32 both = S::LoadU8I32(rows.Bytes(kScalesAt + i / 2 * kByteRowBytes));
        const I32 four = S::And(S::template ShiftRight<i % 2 * 4>(both), S::SetI32(0x0F));
        S::StoreF32(scales[i], S::Mul(d, S::ToF32(S::AddI32(S::AddI32(four, four), S::SetI32(1)))));
      });
    }
    template <int kPhase>
    LEDGE_INLINE typename S::F32 Scale(const VectorRows<S>&, uint32_t outer, uint32_t) const {
      return S::LoadF32(scales[outer]);
    }
  };
};

}  // namespace ledge
