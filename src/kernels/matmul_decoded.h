// The matrix product of types without a codec: panel by panel, group by group, the weights are
// decoded to floats once for all columns, and the float micro-kernel adds their products to sums
// that wait in the output. So the bits are those of a float matrix: one chain of multiply-adds in
// the order of k for each (row, column).
#pragma once

#include "kernels/codec/floats.h"
#include "kernels/decoded_group.h"
#include "kernels/matmul_float.h"

namespace ledge {

template <typename S>
struct DecodedMatmul {
  using F32 = typename S::F32;
  using Tiles = FloatMatmul<S, F32Codec>;
  static constexpr uint32_t kVectors = 16 / S::kLanes;

  const MatmulTask& task;

  // Vector `vector` of the panel's rows times columns [column, column + kColumns).
  template <int kColumns>
  LEDGE_INLINE void Vector(const float* weights, uint32_t panel, uint32_t vector, uint32_t begin,
                           uint32_t values, uint32_t column) const {
    const uint32_t row = panel * 16 + vector * S::kLanes;
    if (row >= task.w.rows) return;
    const uint32_t left = task.w.rows - row;
    const int lanes = static_cast<int>(left < S::kLanes ? left : S::kLanes);
    float* y = task.y + column * task.y_stride + row;
    F32 out[1][kColumns];
    LEDGE_UNROLL
    for (int m = 0; m < kColumns; ++m) {
      out[0][m] = begin == 0 ? S::Zero() : S::LoadF32Partial(y + task.y_stride * m, lanes);
    }
    VectorRows<S> rows[1] = {
        {reinterpret_cast<const std::byte*>(weights), vector * static_cast<uint32_t>(S::kLanes)}};
    const Tiles tiles{task.x.values + begin, task.x.stride};
    tiles.template Tile<1, kColumns>(rows, {0, values}, column, {}, {}, out);
    LEDGE_UNROLL
    for (int m = 0; m < kColumns; ++m) {
      S::StoreF32Partial(y + task.y_stride * m, out[0][m], lanes);
    }
  }

  template <int kColumns>
  __attribute__((noinline)) void Columns(const float* weights, uint32_t panel, uint32_t begin,
                                         uint32_t values, uint32_t column) const {
    for (uint32_t vector = 0; vector < kVectors; ++vector)
      Vector<kColumns>(weights, panel, vector, begin, values, column);
  }

  LEDGE_INLINE void Run() const {
    const uint64_t panel_bytes = task.w.panel_bytes();
    alignas(64) float weights[16 * kActGroupValues];
    for (uint32_t panel = task.panel_begin; panel < task.panel_end; ++panel) {
      const std::byte* group = task.w.data + panel * panel_bytes;
      for (uint32_t begin = 0; begin < task.w.cols; begin += kActGroupValues) {
        const uint32_t left = task.w.cols - begin;
        const uint32_t values = left < kActGroupValues ? left : kActGroupValues;
        DecodeGroup(task.w.type, group, values, weights);
        group += PanelBytes(task.w.type, values);
        uint32_t column = 0;
        for (; column + 4 <= task.columns; column += 4)
          Columns<4>(weights, panel, begin, values, column);
        for (; column < task.columns; ++column) Columns<1>(weights, panel, begin, values, column);
      }
    }
  }
};

template <typename S>
void DecodedProduct<S>::Run(const MatmulTask& task) {
  if (task.columns != 0) DecodedMatmul<S>{task}.Run();
}

}  // namespace ledge
