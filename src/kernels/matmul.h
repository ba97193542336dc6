// The loops around the micro-kernel: which part of which rows meets which columns when.
//
// Up to kMaxColumns columns are one chunk, which walks along whole rows. More are cut into equal
// chunks of at most kChunkColumns (7 = 4 + 3). They meet a tile of two panels segment by segment:
// some values of its rows, which stay in a cache while all columns pass, so that weights come from
// memory once and their scales are decoded once; sums wait in the output meanwhile. Where it pays
// (S::kUnpacks), from kUnpackColumns columns on, a segment of one panel is unpacked for all columns
// besides, and all panels of the task meet a segment before the next one, so that its activations
// stay near too. The first chunks fetch the next segment, so that memory and arithmetic keep each
// other company. None of this shows in the results: a sum goes through the same additions in the
// same order.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/activation.h"
#include "kernels/codec/rows.h"
#include "kernels/panel.h"
#include "kernels/panel_product.h"
#include "kernels/unroll.h"

namespace ledge {

// A part of the rows' values: [begin, end), in the order of k, where `begin` is a multiple of
// kActGroupValues.
inline constexpr uint32_t kSegmentValues = 8 * kActGroupValues;
struct Segment {
  uint32_t begin = 0;
  uint32_t end = 0;
};

// Where a tile asks for weights ahead of time: the hardware's own prefetching loses the slow
// streams that several columns make, and knows nothing of the jump from one tile to the next.
struct PrefetchPlan {
  uint32_t values = 0;  // near the segment's end means: at most so many values left
  ptrdiff_t near = 0;   // bytes ahead of where the tile reads; 0: nothing
  ptrdiff_t far = 0;    // the same near the segment's end, where the stream goes on elsewhere
  int panel = -1;       // only this panel of the tile; -1: all
  uint32_t groups = 1;  // of unpacked weights: of so many groups
  uint32_t group = 0;   // only this one, at `far`

  LEDGE_INLINE ptrdiff_t Ahead(uint32_t values_left) const {
    return values_left <= values ? far : near;
  }
  LEDGE_INLINE bool Has(int of_tile) const { return panel < 0 || panel == of_tile; }
  LEDGE_INLINE bool HasGroup(uint32_t of_segment) const { return of_segment % groups == group; }
};

// `M` is IntMatmul or FloatMatmul: tile sizes, panel geometry, and the tile itself.
template <typename S, typename M>
struct MatmulLoops {
  static constexpr uint32_t kVectorsPerPanel = 16 / S::kLanes;
  static constexpr uint32_t kTilePanels = 2;  // with several chunks
  static constexpr uint32_t kTileVectors = kTilePanels * kVectorsPerPanel;
  using F32 = typename S::F32;
  using Decoded = typename M::template Decoded<kTileVectors>;

  const MatmulTask& task;
  M tiles;
  uint64_t panel_bytes;

  LEDGE_INLINE static constexpr uint32_t ChunkCount(uint32_t columns) {
    return (columns + M::kChunkColumns - 1) / M::kChunkColumns;
  }
  // Columns that a chunk has at least where there are kUnpackColumns or more.
  LEDGE_INLINE static constexpr int LeastUnpacked() {
    uint32_t least = M::kChunkColumns;
    for (uint32_t columns = M::kUnpackColumns; columns < M::kUnpackColumns + M::kChunkColumns;
         ++columns) {
      const uint32_t size = columns / ChunkCount(columns);
      if (size < least) least = size;
    }
    return static_cast<int>(least);
  }

  // `vector` counts vectors of rows from the matrix' first row.
  LEDGE_INLINE VectorRows<S> RowsAt(uint32_t vector) const {
    return {task.w.data + vector / kVectorsPerPanel * panel_bytes,
            vector % kVectorsPerPanel * S::kLanes};
  }
  // The same for vector `v` of a tile of kVectors that begins at `vector`, a multiple of kVectors.
  // Those from `end` on, which is a panel's end, are the last panel's again.
  template <int kVectors>
  LEDGE_INLINE VectorRows<S> TileRowsAt(uint32_t vector, uint32_t v, uint32_t end) const {
    if constexpr (kVectors < static_cast<int>(kVectorsPerPanel)) {
      VectorRows<S> rows = RowsAt(vector);
      rows.first += v * S::kLanes;
      return rows;
    } else {
      const uint32_t panel = vector / kVectorsPerPanel + v / kVectorsPerPanel;
      const uint32_t last = end / kVectorsPerPanel - 1;
      return {task.w.data + (panel < last ? panel : last) * panel_bytes,
              v % kVectorsPerPanel * S::kLanes};
    }
  }
  // Lanes of the vector that are rows of the matrix, and of the task, which ends before `end`.
  LEDGE_INLINE uint32_t Lanes(uint32_t vector, uint32_t end) const {
    if (vector >= end) return 0;
    const uint32_t row = vector * S::kLanes;
    const uint32_t left = row < task.w.rows ? task.w.rows - row : 0;
    return left < S::kLanes ? left : S::kLanes;
  }
  LEDGE_INLINE float* Sums(uint32_t vector, uint32_t column) const {
    return task.y + column * task.y_stride + vector * S::kLanes;
  }

  // From the panels of `vector`, at the segment's begin, to those that are read after the segment;
  // 0 if unknown. `vectors`: the tile's.
  LEDGE_INLINE ptrdiff_t ToNext(uint32_t vector, uint32_t vectors, Segment segment) const {
    if (segment.end != task.w.cols)
      return static_cast<ptrdiff_t>(M::PanelBytes(segment.end - segment.begin));
    const auto done = static_cast<ptrdiff_t>(M::PanelBytes(segment.begin));
    const uint32_t panel = vector / kVectorsPerPanel;
    const uint32_t after = (vector + vectors + kVectorsPerPanel - 1) / kVectorsPerPanel;
    if (after < task.panel_end) return static_cast<ptrdiff_t>((after - panel) * panel_bytes) - done;
    if (task.next == nullptr) return 0;
    return static_cast<ptrdiff_t>(reinterpret_cast<uintptr_t>(task.next) -
                                  reinterpret_cast<uintptr_t>(task.w.data + panel * panel_bytes)) -
           done;
  }

  // The same where a task's panels meet a segment one after the other.
  LEDGE_INLINE ptrdiff_t ToNextUnpacked(uint32_t panel, Segment segment) const {
    if (panel + 1 < task.panel_end) return static_cast<ptrdiff_t>(panel_bytes);
    const auto back = static_cast<ptrdiff_t>((panel - task.panel_begin) * panel_bytes);
    if (segment.end != task.w.cols)
      return static_cast<ptrdiff_t>(M::PanelBytes(segment.end - segment.begin)) - back;
    return ToNext(panel * kVectorsPerPanel, kVectorsPerPanel, segment);
  }
  LEDGE_INLINE Segment SegmentAt(uint32_t begin, uint32_t values) const {
    return {begin, task.w.cols - begin < values ? task.w.cols : begin + values};
  }

  // Vectors from `vector` on. Of those from `end` on nothing is kept: where a matrix ends within
  // the tile, they go over its last rows again, which costs less than another size of tile would to
  // compile.
  // Out of line: its callers share one copy, since it is most of what a kernel's file costs to
  // compile, and a call is nothing beside a tile.
  template <int kVectors, int kColumns, typename Weights>
  __attribute__((noinline)) void Tile(uint32_t vector, uint32_t end, uint32_t column,
                                      Segment segment, const Weights& weights,
                                      const PrefetchPlan& prefetch) const {
    VectorRows<S> rows[kVectors];
    F32 out[kVectors][kColumns];
    LEDGE_UNROLL
    for (int v = 0; v < kVectors; ++v) {
      rows[v] = TileRowsAt<kVectors>(vector, static_cast<uint32_t>(v), end);
      const uint32_t lanes = Lanes(vector + v, end);
      LEDGE_UNROLL
      for (int m = 0; m < kColumns; ++m) {
        if (segment.begin == 0)
          out[v][m] = S::Zero();
        else
          out[v][m] = lanes == S::kLanes ? S::LoadF32(Sums(vector + v, column + m))
                                         : S::LoadF32Partial(Sums(vector + v, column + m),
                                                             static_cast<int>(lanes));
      }
    }
    tiles.template Tile<kVectors, kColumns>(rows, segment, column, weights, prefetch, out);
    LEDGE_UNROLL
    for (int v = 0; v < kVectors; ++v) {
      const uint32_t lanes = Lanes(vector + v, end);
      LEDGE_UNROLL
      for (int m = 0; m < kColumns; ++m) {
        if (lanes == S::kLanes)
          S::StoreF32(Sums(vector + v, column + m), out[v][m]);
        else if (lanes != 0)
          S::StoreF32Partial(Sums(vector + v, column + m), out[v][m], static_cast<int>(lanes));
      }
    }
  }

  // An only chunk of columns: all rows of vectors [begin, end). The stream runs a little ahead of
  // itself.
  template <int kVectors, int kColumns>
  LEDGE_INLINE void WholeRows(uint32_t begin, uint32_t end) const {
    const Segment all{0, task.w.cols};
    PrefetchPlan plan;
    plan.values = task.w.cols < M::kAheadValues ? task.w.cols : M::kAheadValues;
    if (task.prefetch) plan.near = static_cast<ptrdiff_t>(M::PanelBytes(plan.values));
    for (; begin < end; begin += kVectors) {
      const ptrdiff_t next = ToNext(begin, kVectors, all);
      plan.far =
          next == 0 || !task.prefetch ? 0 : plan.near + next - static_cast<ptrdiff_t>(panel_bytes);
      Tile<kVectors, kColumns>(begin, end, 0, all, typename M::Part{}, plan);
    }
  }

  // One of several chunks on a segment of the tile of vectors [begin, end).
  // `Weights`: what was decoded or unpacked of the segment.
  template <int kVectors, int kColumns, typename Weights>
  LEDGE_INLINE void Rows(uint32_t begin, uint32_t end, uint32_t column, Segment segment,
                         const Weights& weights, const PrefetchPlan& plan) const {
    for (uint32_t at = begin; at < end; at += kVectors)
      Tile<kVectors, kColumns>(at, end, column, segment, weights.From(at - begin), plan);
  }

  template <int kColumns>
  __attribute__((noinline)) void OnlyChunk() const {
    WholeRows<M::template kTileVectors<kColumns>, kColumns>(task.panel_begin * kVectorsPerPanel,
                                                            task.panel_end * kVectorsPerPanel);
  }
  template <int kColumns, typename Weights>
  __attribute__((noinline)) void Chunk(uint32_t begin, uint32_t end, uint32_t column,
                                       Segment segment, const Weights& weights,
                                       const PrefetchPlan& plan) const {
    Rows<M::template kTileVectors<kColumns>, kColumns>(begin, end, column, segment, weights, plan);
  }

  // fn.operator()<columns>(), for `columns` from kLeast to kColumns.
  template <int kColumns, int kLeast = 1, typename F>
  LEDGE_INLINE static void WithColumns(uint32_t columns, F&& fn) {
    if (columns == kColumns) return fn.template operator()<kColumns>();
    if constexpr (kColumns > kLeast) WithColumns<kColumns - 1, kLeast>(columns, fn);
  }

  // fn.operator()<columns>(first column, chunk) for each of several chunks.
  template <int kLeast, typename F>
  LEDGE_INLINE void ForChunks(uint32_t chunks, F&& fn) const {
    const uint32_t size = task.columns / chunks;
    const uint32_t larger = task.columns % chunks;  // so many chunks have one column more
    uint32_t column = 0;
    for (uint32_t chunk = 0; chunk < chunks; ++chunk) {
      const uint32_t now = size + (chunk < larger ? 1 : 0);
      WithColumns<M::kChunkColumns, kLeast>(now, [&]<int columns>() LEDGE_INLINE_LAMBDA {
        fn.template operator()<columns>(column, chunk);
      });
      column += now;
    }
  }

  // A tile of several chunks.
  LEDGE_INLINE void Chunks(uint32_t begin, uint32_t end, uint32_t chunks) const {
    for (uint32_t from = 0; from < task.w.cols; from += kSegmentValues) {
      const Segment segment = SegmentAt(from, kSegmentValues);
      Decoded decoded;
      for (uint32_t v = 0; v < kTileVectors; ++v)
        decoded.Load(v, TileRowsAt<kTileVectors>(begin, v, end), segment);
      PrefetchPlan plan;
      plan.values = kSegmentValues;
      plan.far = task.prefetch ? ToNext(begin, end - begin, segment) : 0;
      ForChunks<1>(chunks, [&]<int columns>(uint32_t column, uint32_t chunk) LEDGE_INLINE_LAMBDA {
        if (chunk == kTilePanels) plan.far = 0;
        plan.panel = chunks < kTilePanels ? -1 : static_cast<int>(chunk);
        Chunk<columns>(begin, end, column, segment, decoded, plan);
      });
    }
  }

  // Many chunks over unpacked weights: segment by segment, and of each one panel after the other.
  LEDGE_INLINE void UnpackedChunks(uint32_t chunks) const {
    constexpr int kLeast = LeastUnpacked();
    typename M::template Unpacked<kVectorsPerPanel> unpacked;
    PrefetchPlan plan;
    plan.groups = ChunkCount(M::kUnpackColumns);
    for (uint32_t from = 0; from < task.w.cols; from += M::kUnpackedValues) {
      const Segment segment = SegmentAt(from, M::kUnpackedValues);
      for (uint32_t panel = task.panel_begin; panel < task.panel_end; ++panel) {
        const uint32_t begin = panel * kVectorsPerPanel;
        const uint32_t end = begin + kVectorsPerPanel;
        for (uint32_t v = 0; v < kVectorsPerPanel; ++v)
          unpacked.Load(v, RowsAt(begin + v), segment);
        plan.far = task.prefetch ? ToNextUnpacked(panel, segment) : 0;
        ForChunks<kLeast>(chunks,
                          [&]<int columns>(uint32_t column, uint32_t chunk) LEDGE_INLINE_LAMBDA {
                            plan.group = chunk;
                            Chunk<columns>(begin, end, column, segment, unpacked, plan);
                          });
      }
    }
  }

  LEDGE_INLINE void Run() const {
    if (task.columns == 0) return;
    if (task.columns <= M::kMaxColumns) {
      WithColumns<M::kMaxColumns>(task.columns,
                                  [&]<int columns>() LEDGE_INLINE_LAMBDA { OnlyChunk<columns>(); });
      return;
    }
    const uint32_t chunks = ChunkCount(task.columns);
    if constexpr (M::kUnpacks) {
      if (task.columns >= M::kUnpackColumns) return UnpackedChunks(chunks);
    }
    for (uint32_t panel = task.panel_begin; panel < task.panel_end; panel += kTilePanels) {
      const uint32_t left = task.panel_end - panel;
      const uint32_t end = left < kTilePanels ? task.panel_end : panel + kTilePanels;
      Chunks(panel * kVectorsPerPanel, end * kVectorsPerPanel, chunks);
    }
  }
};

template <typename S, typename M>
void PanelProduct<S, M>::Run(const MatmulTask& task) {
  MatmulLoops<S, M>{task, M::Of(task.x, task.w.cols), M::PanelBytes(task.w.cols)}.Run();
}

}  // namespace ledge
