// The loops around the micro-kernels: which tile of rows meets which columns when.
//
// Columns are cut into equal chunks of at most kMaxColumns (7 = 4 + 3). Panels are cut into strips
// that stay in the second-level cache, and a strip meets all chunks before the next one is touched,
// so weights come from memory once however many columns there are. None of this shows in the
// results.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/activation.h"
#include "kernels/codec/rows.h"
#include "kernels/panel.h"
#include "kernels/panel_product.h"

namespace ledge {

// Where a tile asks for weights ahead of time. The hardware's own prefetching loses the slow
// streams that several columns make: measured on Zen 4 with 4 columns of Q4_0, weights come at 13
// GB/s without and at 26 with this, and with one column at 18 and 23. Any distance from 9 KiB of a
// panel on gives that.
struct PrefetchPlan {
  uint32_t values = 0;  // so far ahead in k; 0: nowhere
  size_t bytes = 0;     // the same in bytes of a panel
  size_t next_tile =
      0;  // what is added where that lies past the panel's end, to get to the next tile

  LEDGE_INLINE size_t Ahead(uint32_t values_left) const {
    return values_left <= values ? bytes + next_tile : bytes;
  }
};

// `M` is IntMatmul or FloatMatmul: tile sizes, panel geometry, and the tile itself.
template <typename S, typename M>
struct MatmulLoops {
  static constexpr uint32_t kStripBytes = 256 * 1024;
  static constexpr uint32_t kVectorsPerPanel = 16 / S::kLanes;
  using F32 = typename S::F32;

  const PanelMatrix& w;
  M tiles;
  uint64_t panel_bytes;
  float* y;
  size_t y_stride;

  // `vector` counts vectors of rows from the matrix' first row.
  template <int kVectors, int kColumns>
  LEDGE_INLINE void Tile(uint32_t vector, uint32_t column, const PrefetchPlan& prefetch) const {
    VectorRows<S> rows[kVectors];
    Unrolled<kVectors>([&]<int v>() LEDGE_INLINE_LAMBDA {
      const uint32_t at = vector + v;
      rows[v] = {w.data + at / kVectorsPerPanel * panel_bytes, at % kVectorsPerPanel * S::kLanes};
    });
    F32 out[kVectors][kColumns];
    tiles.template Tile<kVectors, kColumns>(rows, w.cols, column, prefetch, out);
    Unrolled<kVectors>([&]<int v>() LEDGE_INLINE_LAMBDA {
      const uint32_t row = (vector + v) * S::kLanes;
      const uint32_t left = row < w.rows ? w.rows - row : 0;
      float* to = y + column * y_stride + row;
      Unrolled<kColumns>([&]<int m>() LEDGE_INLINE_LAMBDA {
        if (left >= S::kLanes)
          S::StoreF32(to + m * y_stride, out[v][m]);
        else if (left != 0)
          S::StoreF32Partial(to + m * y_stride, out[v][m], static_cast<int>(left));
      });
    });
  }

  // All rows of [begin, end) against kColumns columns: tiles of kVectors, then halves of that for
  // the rest. Only the first chunk to meet the strip finds it in memory and not in a cache.
  template <int kVectors, int kColumns>
  LEDGE_INLINE void Tiles(uint32_t begin, uint32_t end, uint32_t column, bool first) const {
    PrefetchPlan prefetch;
    if (first) {
      constexpr uint32_t kPanels = kVectors / kVectorsPerPanel;
      prefetch.values = w.cols < M::kAheadValues ? w.cols : M::kAheadValues;
      prefetch.bytes = M::PanelBytes(prefetch.values);
      prefetch.next_tile = kPanels > 1 ? (kPanels - 1) * panel_bytes : 0;
    }
    for (; begin + kVectors <= end; begin += kVectors)
      Tile<kVectors, kColumns>(begin, column, prefetch);
    if constexpr (kVectors > 1) Tiles<kVectors / 2, kColumns>(begin, end, column, first);
  }

  template <int kColumns>
  __attribute__((noinline)) void Chunk(uint32_t begin, uint32_t end, uint32_t column) const {
    Tiles<M::template kTileVectors<kColumns>, kColumns>(begin, end, column, column == 0);
  }

  template <int kColumns>
  LEDGE_INLINE void ChunkOf(uint32_t columns, uint32_t begin, uint32_t end, uint32_t column) const {
    if (columns == kColumns) return Chunk<kColumns>(begin, end, column);
    if constexpr (kColumns > 1) ChunkOf<kColumns - 1>(columns, begin, end, column);
  }

  LEDGE_INLINE void Run(uint32_t panel_begin, uint32_t panel_end, uint32_t columns) const {
    if (columns == 0) return;
    const uint32_t chunks = (columns + M::kMaxColumns - 1) / M::kMaxColumns;
    const uint32_t size = columns / chunks;
    const uint32_t larger = columns % chunks;  // so many chunks have one column more
    uint32_t strip = panel_end - panel_begin;
    if (chunks > 1 && panel_bytes != 0) {
      const uint64_t fitting = kStripBytes / panel_bytes & ~uint64_t{1};
      if (fitting < strip) strip = fitting < 2 ? 2 : static_cast<uint32_t>(fitting);
    }
    for (uint32_t begin = panel_begin; begin < panel_end;) {
      const uint32_t end = panel_end - begin < strip ? panel_end : begin + strip;
      uint32_t column = 0;
      for (uint32_t chunk = 0; chunk < chunks; ++chunk) {
        const uint32_t now = size + (chunk < larger ? 1 : 0);
        ChunkOf<M::kMaxColumns>(now, begin * kVectorsPerPanel, end * kVectorsPerPanel, column);
        column += now;
      }
      begin = end;
    }
  }
};

template <typename S, typename M>
void PanelProduct<S, M>::Run(const PanelMatrix& w, uint32_t panel_begin, uint32_t panel_end,
                             const Activations& x, uint32_t columns, float* y, size_t y_stride) {
  MatmulLoops<S, M>{w, M::Of(x, w.cols), M::PanelBytes(w.cols), y, y_stride}.Run(
      panel_begin, panel_end, columns);
}

}  // namespace ledge
