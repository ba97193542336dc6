#include "executor/native/tiles.h"

#include <algorithm>

#include "base/checked.h"
#include "kernels/matmul_task.h"

namespace ledge {

uint32_t Tiling::panel_end(uint32_t tile) const {
  return std::min(panel_begin(tile) + tile_panels, panels);
}
uint32_t Tiling::column_end(uint32_t tile) const {
  return std::min(column_begin(tile) + tile_columns, columns);
}

Tiling PlanTiling(uint32_t panels, uint64_t panel_bytes, uint32_t columns, int threads) {
  constexpr uint32_t kTilesPerThread = 12;
  Tiling tiling;
  tiling.panels = panels;
  tiling.columns = columns;
  tiling.column_tiles = static_cast<uint32_t>(CeilDiv(columns, kMaxTileColumns));
  tiling.tile_columns = static_cast<uint32_t>(CeilDiv(columns, tiling.column_tiles));
  const uint64_t bytes = columns >= kUnpackColumns ? kManyColumnsTileBytes : kFewColumnsTileBytes;
  const uint64_t by_bytes = bytes / std::max<uint64_t>(panel_bytes, 1);
  const uint64_t fair =
      uint64_t{panels} * tiling.column_tiles / (kTilesPerThread * static_cast<uint64_t>(threads));
  uint64_t tile_panels = std::min<uint64_t>({by_bytes, fair, kMaxTilePanels});
  // Kernels share each broadcast of an activation between two panels.
  tile_panels = std::max<uint64_t>(tile_panels & ~uint64_t{1}, 2);
  tiling.tile_panels = static_cast<uint32_t>(tile_panels);
  tiling.tiles = static_cast<uint32_t>(CeilDiv(panels, tile_panels)) * tiling.column_tiles;
  return tiling;
}

PanelMatrix SubMatrix(const PanelMatrix& w, uint32_t begin, uint32_t end) {
  PanelMatrix part = w;
  part.data = w.data + begin * w.panel_bytes();
  part.rows = std::min(end * kPanelRows, w.rows) - begin * kPanelRows;
  return part;
}

}  // namespace ledge
