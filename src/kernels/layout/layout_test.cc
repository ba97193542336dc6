#include <gtest/gtest.h>

#include <string>

#include "kernels/random_weights.h"

namespace ledge {
namespace {

class Layout : public testing::TestWithParam<TensorType> {};

INSTANTIATE_TEST_SUITE_P(Types, Layout, testing::ValuesIn(kPanelTypes),
                         [](const auto& test) { return std::string(Info(test.param).name); });

std::vector<uint32_t> WidthsOf(TensorType type) {
  std::vector<uint32_t> widths;
  for (const uint32_t width : {1u, 7u, 32u, 96u, 256u, 288u, 576u, 2048u}) {
    if (width % FindPanelLayout(type)->block_values == 0) widths.push_back(width);
  }
  return widths;
}

TEST_P(Layout, BlockGeometryIsTheFormats) {
  const TypeInfo& info = Info(GetParam());
  const PanelLayout* layout = FindPanelLayout(GetParam());
  ASSERT_NE(layout, nullptr);
  EXPECT_EQ(layout->type, GetParam());
  EXPECT_EQ(layout->block_values, info.block_values);
  EXPECT_EQ(layout->block_bytes, info.block_bytes);
  EXPECT_EQ(PanelBytes(GetParam(), info.block_values * 3), uint64_t{info.block_bytes} * 3 * 16);
}

TEST_P(Layout, UnpackGivesEveryByteBack) {
  const PanelLayout& layout = *FindPanelLayout(GetParam());
  std::mt19937 random(1);
  for (const uint32_t cols : WidthsOf(GetParam())) {
    const uint64_t bytes = uint64_t{cols / layout.block_values} * layout.block_bytes;
    const uint64_t row_bytes = bytes + 6;  // rows need not touch
    for (uint32_t count = 1; count <= kPanelRows; ++count) {
      std::vector<std::byte> source(count * row_bytes);
      for (std::byte& b : source) b = static_cast<std::byte>(random());
      std::vector<std::byte> panel(PanelBytes(GetParam(), cols), std::byte{0x55});
      layout.pack(source.data(), row_bytes, count, cols, panel.data());
      std::vector<std::byte> back = source;
      for (uint32_t r = 0; r < count; ++r) std::memset(back.data() + r * row_bytes, 0xAA, bytes);
      layout.unpack(panel.data(), count, cols, row_bytes, back.data());
      ASSERT_EQ(back, source) << cols << " columns, " << count << " rows";
    }
  }
}

TEST_P(Layout, MissingRowsAreZeroBytes) {
  const PanelLayout& layout = *FindPanelLayout(GetParam());
  const uint32_t cols = layout.block_values * 3;
  const uint64_t row_bytes = uint64_t{3} * layout.block_bytes;
  const std::vector<std::byte> source(16 * row_bytes, std::byte{0xFF});
  std::vector<std::byte> panel(PanelBytes(GetParam(), cols), std::byte{0x55});
  layout.pack(source.data(), row_bytes, 5, cols, panel.data());
  size_t zeros = 0;
  for (const std::byte b : panel) zeros += b == std::byte{0} ? 1 : 0;
  EXPECT_EQ(zeros, 11 * row_bytes);
}

TEST_P(Layout, DecodeRowIsTheSourceRowsDecodeRow) {
  for (const uint32_t cols : WidthsOf(GetParam())) {
    const Weights w = RandomWeights(GetParam(), 21, cols, cols);
    std::vector<float> expected(cols), got(cols);
    for (uint32_t r = 0; r < w.rows; ++r) {
      DecodeRow(w.type, w.source.data() + r * w.row_bytes(), cols, expected.data());
      const std::byte* panel = w.panels.data() + r / 16 * PanelBytes(w.type, cols);
      FindPanelLayout(w.type)->decode_row(panel, r % 16, cols, got.data());
      ASSERT_EQ(std::memcmp(got.data(), expected.data(), cols * sizeof(float)), 0)
          << cols << ", row " << r;
    }
  }
}

TEST(PanelLayouts, TypesWithoutOneAreRefused) {
  EXPECT_EQ(FindPanelLayout(TensorType::kI32), nullptr);
  EXPECT_EQ(PanelBytes(TensorType::kI32, 256), 0u);
  EXPECT_EQ(FindPanelLayout(static_cast<TensorType>(12345)), nullptr);
}

}  // namespace
}  // namespace ledge
