// The scales and minima that Q4_K and Q5_K share: eight 6-bit ones of each in 12 bytes, times d and
// -dmin, rounded to floats once a group. A chunk of 64 values has those of its two 32s.
#pragma once

#include "kernels/codec/rows.h"
#include "kernels/inline.h"

namespace ledge {

template <typename S, uint32_t kScalesAt, uint32_t kHalvesAt>
struct SixesGroup {
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

}  // namespace ledge
