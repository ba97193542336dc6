// The micro-kernel of the float weight types: f32 activations, one chain of fused multiply-adds in
// the order of k for each (row, column), whatever the tile.
#pragma once

#include "kernels/activation.h"
#include "kernels/codec/rows.h"
#include "kernels/matmul.h"

namespace ledge {

template <typename S, typename C>
struct FloatMatmul {
  static constexpr int kMaxColumns = S::kMaxColumns;
  static constexpr int kChunkColumns = S::kChunkColumns;
  static constexpr uint32_t kAheadValues = 256;
  template <int kColumns>
  static constexpr int kTileVectors = S::template kFloatVectors<kColumns>;

  // There is nothing to decode once for all columns.
  static constexpr bool kUnpacks = false;
  struct Part {};
  template <uint32_t kVectors>
  struct Decoded {
    LEDGE_INLINE void Load(uint32_t, const VectorRows<S>&, Segment) {}
    LEDGE_INLINE Part From(uint32_t) const { return {}; }
  };

  const float* values;
  size_t stride;

  LEDGE_INLINE static uint64_t PanelBytes(uint32_t cols) {
    return uint64_t{cols} * C::kElementBytes * 16;
  }
  LEDGE_INLINE static FloatMatmul Of(const Activations& x, uint32_t) {
    return {x.values, x.stride};
  }

  template <int kVectors>
  LEDGE_INLINE static void Fetch(const VectorRows<S> (&rows)[kVectors], uint32_t k, ptrdiff_t ahead,
                                 const PrefetchPlan& plan) {
    LEDGE_UNROLL
    for (int v = 0; v < kVectors; ++v) {
      if (rows[v].First() != 0 || !plan.Has(v * S::kLanes / 16)) continue;
      __builtin_prefetch(rows[v].group + ahead + size_t{k} * C::kElementBytes * 16, 0, 2);
    }
  }

  template <int kVectors, int kColumns>
  LEDGE_INLINE void Tile(VectorRows<S> (&rows)[kVectors], Segment segment, uint32_t column,
                         const Part&, const PrefetchPlan& prefetch,
                         typename S::F32 (&out)[kVectors][kColumns]) const {
    LEDGE_UNROLL
    for (int v = 0; v < kVectors; ++v) {
      rows[v].group += rows[v].First() * C::kElementBytes + PanelBytes(segment.begin);
    }
    const float* x = values + column * stride + segment.begin;
    const uint32_t count = segment.end - segment.begin;
    for (uint32_t k = 0; k < count; ++k, ++x) {
      const ptrdiff_t ahead = prefetch.Ahead(count - k);
      if (ahead != 0) Fetch(rows, k, ahead, prefetch);
      typename S::F32 w[kVectors];
      LEDGE_UNROLL
      for (int v = 0; v < kVectors; ++v) {
        w[v] = C::template Load<S>(rows[v].group + size_t{k} * C::kElementBytes * 16);
      }
      LEDGE_UNROLL
      for (int m = 0; m < kColumns; ++m) {
        const typename S::F32 a = S::Set1(x[stride * m]);
        LEDGE_UNROLL
        for (int v = 0; v < kVectors; ++v) {
          out[v][m] = S::Fma(w[v], a, out[v][m]);
        }
      }
    }
  }
};

}  // namespace ledge
