// Q4_K for the micro-kernel (matmul_int.h says what a codec offers; layout/q4_k.cc has the layout).
// w = d * scale * q - dmin * min. The minima's term is an exact integer: at most 2 * 63 * 4064 in
// 64 values.
#pragma once

#include "kernels/codec/rows.h"

namespace ledge {

struct Q4_KCodec {
  static constexpr uint32_t kBlockValues = 256;
  static constexpr uint32_t kBlockBytes = 144;
  static constexpr int kPhases = 2;  // low and high nibbles of a chunk of 32 bytes
  static constexpr uint32_t kTurns = 1;
  static constexpr int kParts = 1;
  template <int kPhase>
  static constexpr int kPartOf = 0;
  static constexpr int kSteps = 8;
  static constexpr int kWeights = 1;
  static constexpr int kSeedShift = -1;
  static constexpr bool kMin = false;
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

  template <typename S, int kPhase, int kStep>
  LEDGE_INLINE static void Unpack(const VectorRows<S>& rows, uint32_t outer,
                                  typename Dot<S>::Weights (&w)[kWeights]) {
    const typename S::I32 line = S::LoadI32(rows.Line((8 * outer + kStep) * kLineBytes));
    w[0] = Dot<S>::Prepare(kPhase == 0 ? S::LowNibbles(line) : S::HighNibbles(line));
  }

  // The eight scales as floats, and the minima as pairs of 16-bit numbers, decoded once for all
  // columns.
  template <typename S>
  struct Group {
    alignas(64) float scales[8][S::kLanes];
    alignas(64) int32_t min_pairs[4][S::kLanes];

    LEDGE_INLINE void Load(const VectorRows<S>& rows) {
      using I32 = typename S::I32;
      const I32 six = S::SetI32(0x3F);
      const I32 low = S::SetI32(0x0F);
      const I32 top = S::SetI32(0x30);
      I32 mins[8];
      Unrolled<4>([&]<int j>() LEDGE_INLINE_LAMBDA {
        const I32 a = Packed(rows, j);
        const I32 b = Packed(rows, j + 4);
        const I32 c = Packed(rows, j + 8);
        StoreScale(j, S::And(a, six));
        StoreScale(j + 4, S::Or(S::And(c, low), S::And(S::template ShiftRight<2>(a), top)));
        mins[j] = S::And(b, six);
        mins[j + 4] =
            S::Or(S::template ShiftRight<4>(c), S::And(S::template ShiftRight<2>(b), top));
      });
      Unrolled<4>([&]<int j>() LEDGE_INLINE_LAMBDA {
        S::StoreI32(min_pairs[j], S::Or(mins[2 * j], S::template ShiftLeft<16>(mins[2 * j + 1])));
      });
    }
    template <int kPhase>
    LEDGE_INLINE typename S::F32 Scale(const VectorRows<S>&, uint32_t outer, uint32_t) const {
      return S::LoadF32(scales[2 * outer + kPhase]);
    }

   private:
    LEDGE_INLINE static typename S::I32 Packed(const VectorRows<S>& rows, uint32_t i) {
      return S::LoadU8I32(rows.Bytes(kScalesAt + i * kByteRowBytes));
    }
    LEDGE_INLINE void StoreScale(int i, typename S::I32 scale) {
      S::StoreF32(scales[i], S::ToF32(scale));
    }
  };

  template <typename S>
  struct Tail {
    typename S::I32 min_pair;
    typename S::F32 d, minus_dmin;

    LEDGE_INLINE void Load(const VectorRows<S>& rows, const Group<S>& group, uint32_t part) {
      min_pair = S::LoadI32(group.min_pairs[part]);
      d = S::LoadF16(rows.Halves(kHalvesAt));
      minus_dmin = S::Neg(S::LoadF16(rows.Halves(kHalvesAt + kHalvesBytes)));
    }
    LEDGE_INLINE typename S::F32 Value(typename S::F32 sum, const ActGroup& a,
                                       uint32_t part) const {
      const typename S::I32 mins = S::DotI16(S::ZeroI32(), min_pair, a.sum32 + 2 * part);
      return S::Fma(minus_dmin, S::ToF32(mins), S::Mul(d, sum));
    }
  };
};

}  // namespace ledge
