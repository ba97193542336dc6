#include "gguf/tensor_type.h"

#include <gtest/gtest.h>

#include <set>

namespace ledge {
namespace {

TEST(TensorType, IsFoundByNumberAndByName) {
  std::set<std::string_view> names;
  for (const TypeInfo& info : AllTypes()) {
    EXPECT_EQ(FindType(static_cast<uint32_t>(info.type)), &info);
    EXPECT_EQ(&Info(info.type), &info);
    EXPECT_EQ(TypeByName(info.name), info.type);
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
  }
  EXPECT_EQ(TypeByName("q4_k"), TensorType::kQ4_K);
  EXPECT_EQ(TypeByName("iq2_xxs"), TensorType::kIQ2_XXS);
  EXPECT_EQ(TypeByName("q4_k_m"), std::nullopt);
  EXPECT_EQ(TypeByName(""), std::nullopt);
}

TEST(TensorType, UnknownNumbersAreNothing) {
  for (const uint32_t number : {4U, 5U, 9U, 15U, 31U, 33U, 36U, 38U, 40U, 255U, 0xFFFFFFFFU}) {
    EXPECT_EQ(FindType(number), nullptr) << number;
  }
}

// Bits a weight, which is what the formats are known by.
TEST(TensorType, GeometryGivesTheKnownBitsPerWeight) {
  const auto bits = [](TensorType type) {
    return 8.0 * Info(type).block_bytes / Info(type).block_values;
  };
  EXPECT_EQ(bits(TensorType::kQ4_0), 4.5);
  EXPECT_EQ(bits(TensorType::kQ4_1), 5.0);
  EXPECT_EQ(bits(TensorType::kQ5_0), 5.5);
  EXPECT_EQ(bits(TensorType::kQ5_1), 6.0);
  EXPECT_EQ(bits(TensorType::kQ8_0), 8.5);
  EXPECT_EQ(bits(TensorType::kQ2_K), 2.625);
  EXPECT_EQ(bits(TensorType::kQ3_K), 3.4375);
  EXPECT_EQ(bits(TensorType::kQ4_K), 4.5);
  EXPECT_EQ(bits(TensorType::kQ5_K), 5.5);
  EXPECT_EQ(bits(TensorType::kQ6_K), 6.5625);
  EXPECT_EQ(bits(TensorType::kIQ2_XXS), 2.0625);
  EXPECT_EQ(bits(TensorType::kIQ2_XS), 2.3125);
  EXPECT_EQ(bits(TensorType::kIQ3_XXS), 3.0625);
  EXPECT_EQ(bits(TensorType::kIQ1_S), 1.5625);
  EXPECT_EQ(bits(TensorType::kIQ3_S), 3.4375);
  EXPECT_EQ(bits(TensorType::kIQ2_S), 2.5625);
  EXPECT_EQ(bits(TensorType::kIQ4_XS), 4.25);
  EXPECT_EQ(bits(TensorType::kIQ1_M), 1.75);
  EXPECT_EQ(bits(TensorType::kTQ1_0), 1.6875);
  EXPECT_EQ(bits(TensorType::kTQ2_0), 2.0625);
  EXPECT_EQ(bits(TensorType::kMXFP4), 4.25);
}

TEST(TensorType, RowBytesRefusesPartsOfBlocksAndOverflow) {
  EXPECT_EQ(RowBytes(TensorType::kQ4_0, 64), 36U);
  EXPECT_EQ(RowBytes(TensorType::kQ4_0, 48), std::nullopt);
  EXPECT_EQ(RowBytes(TensorType::kF32, 0), 0U);
  EXPECT_EQ(RowBytes(TensorType::kF32, uint64_t{1} << 62), std::nullopt);
  EXPECT_EQ(RowBytes(TensorType::kQ6_K, 4096), 16U * 210);
}

}  // namespace
}  // namespace ledge
