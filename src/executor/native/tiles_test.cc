#include "executor/native/tiles.h"

#include <gtest/gtest.h>

#include <vector>

namespace ledge {
namespace {

TEST(Tiling, CoversEveryPanelAndColumnOnce) {
  for (const uint32_t panels : {1u, 2u, 3u, 36u, 60u, 3073u}) {
    for (const uint32_t columns : {1u, 2u, 7u, 128u, 129u, 512u}) {
      for (const uint64_t panel_bytes : {uint64_t{64}, uint64_t{36864}, uint64_t{1} << 22}) {
        for (const int threads : {1, 2, 64}) {
          const Tiling tiling = PlanTiling(panels, panel_bytes, columns, threads);
          std::vector<int> seen(size_t{panels} * columns, 0);
          for (uint32_t tile = 0; tile < tiling.tiles; ++tile) {
            ASSERT_LT(tiling.panel_begin(tile), tiling.panel_end(tile));
            ASSERT_LE(tiling.panel_end(tile) - tiling.panel_begin(tile), kMaxTilePanels);
            ASSERT_LE(tiling.column_end(tile) - tiling.column_begin(tile), kMaxTileColumns);
            for (uint32_t p = tiling.panel_begin(tile); p < tiling.panel_end(tile); ++p) {
              for (uint32_t c = tiling.column_begin(tile); c < tiling.column_end(tile); ++c) {
                ++seen[size_t{p} * columns + c];
              }
            }
          }
          ASSERT_EQ(seen, std::vector<int>(seen.size(), 1));
        }
      }
    }
  }
}

TEST(Tiling, KeepsATicketShort) {
  // 7B's widest product with 512 columns: no ticket is more than 4 panels x 128 columns x 11008
  // values; with few columns, none more than two panels.
  const Tiling tiling = PlanTiling(256, 99072, 512, 2);
  EXPECT_LE(tiling.tile_panels * tiling.tile_columns, 4u * kMaxTileColumns);
  EXPECT_EQ(PlanTiling(256, 99072, 8, 2).tile_panels, 2u);
}

TEST(SubMatrix, CutsAtPanelsAndKeepsAShortTail) {
  std::vector<std::byte> data(PanelBytes(TensorType::kF32, 4) * 3);
  const PanelMatrix w{TensorType::kF32, 40, 4, data.data()};
  const PanelMatrix middle = SubMatrix(w, 1, 2);
  EXPECT_EQ(middle.rows, 16u);
  EXPECT_EQ(middle.data, data.data() + 16 * 4 * 4);
  EXPECT_EQ(SubMatrix(w, 1, 3).rows, 24u);
}

}  // namespace
}  // namespace ledge
