// Cutting a matrix product into tickets: a few panels of weights times a block of columns.
//
// A tile's weights stay in a core's cache while its columns walk over them; consecutive tiles share
// their panels, so that weights leave memory once a step. With many columns it is the activations
// that should stay: a tile has more panels then, which meet a part of the activations one after the
// other (kernels/matmul.h). How a product is cut never shows in its bits (kernels.h).
#pragma once

#include <cstdint>

#include "kernels/panel.h"

namespace ledge {

// Of weights; or two panels. Many columns are kUnpackColumns (kernels/matmul_task.h) or more.
inline constexpr uint32_t kFewColumnsTileBytes = 64 * 1024;
inline constexpr uint32_t kManyColumnsTileBytes = 512 * 1024;
inline constexpr uint32_t kMaxTilePanels = 8;
inline constexpr uint32_t kMaxTileColumns = 128;
inline constexpr uint32_t kMaxTileRows = kMaxTilePanels * kPanelRows;

struct Tiling {
  uint32_t panels = 0;   // in all
  uint32_t columns = 0;  // in all
  uint32_t tile_panels = 1;
  uint32_t tile_columns = 1;
  uint32_t column_tiles = 1;
  uint32_t tiles = 0;

  uint32_t panel_begin(uint32_t tile) const { return tile / column_tiles * tile_panels; }
  uint32_t panel_end(uint32_t tile) const;
  uint32_t column_begin(uint32_t tile) const { return tile % column_tiles * tile_columns; }
  uint32_t column_end(uint32_t tile) const;
};

// `panel_bytes`: of one panel, of all matrices that a tile multiplies together.
Tiling PlanTiling(uint32_t panels, uint64_t panel_bytes, uint32_t columns, int threads);

// Panels [begin, end) of `w` as a matrix.
PanelMatrix SubMatrix(const PanelMatrix& w, uint32_t begin, uint32_t end);

}  // namespace ledge
