#include "base/checked.h"

#include <gtest/gtest.h>

namespace ledge {
namespace {

constexpr uint64_t kMax = UINT64_MAX;

TEST(Checked, AddRefusesToWrap) {
  EXPECT_EQ(CheckedAdd(kMax - 1, 1), kMax);
  EXPECT_EQ(CheckedAdd(kMax, 1), std::nullopt);
  EXPECT_EQ(CheckedAdd(kMax, kMax), std::nullopt);
}

TEST(Checked, MulRefusesToWrap) {
  EXPECT_EQ(CheckedMul(uint64_t{1} << 32, uint64_t{1} << 32), std::nullopt);  // wraps to 0
  EXPECT_EQ(CheckedMul((uint64_t{1} << 32) - 1, (uint64_t{1} << 32) + 1), kMax);
  EXPECT_EQ(CheckedMul(0, kMax), 0u);
}

TEST(Checked, AlignUpRefusesToWrap) {
  EXPECT_EQ(CheckedAlignUp(0, 32), 0u);
  EXPECT_EQ(CheckedAlignUp(1, 32), 32u);
  EXPECT_EQ(CheckedAlignUp(32, 32), 32u);
  EXPECT_EQ(CheckedAlignUp(kMax - 31, 32), kMax - 31);
  EXPECT_EQ(CheckedAlignUp(kMax - 30, 32), std::nullopt);
  EXPECT_EQ(CheckedAlignUp(kMax, 1), kMax);
}

TEST(Checked, KnowsPowersOfTwo) {
  EXPECT_FALSE(IsPowerOfTwo(0));
  EXPECT_TRUE(IsPowerOfTwo(1));
  EXPECT_FALSE(IsPowerOfTwo(3));
  EXPECT_TRUE(IsPowerOfTwo(uint64_t{1} << 63));
}

TEST(Checked, DividesUpwards) {
  EXPECT_EQ(CeilDiv(0, 8), 0u);
  EXPECT_EQ(CeilDiv(1, 8), 1u);
  EXPECT_EQ(CeilDiv(8, 8), 1u);
  EXPECT_EQ(CeilDiv(9, 8), 2u);
}

}  // namespace
}  // namespace ledge
