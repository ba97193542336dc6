#include "quant/half.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace ledge {
namespace {

// By the definition: sign, 5 bits of exponent with bias 15, 10 bits of mantissa.
double HalfByDefinition(uint32_t half) {
  const double sign = (half & 0x8000) != 0 ? -1.0 : 1.0;
  const int exponent = static_cast<int>((half >> 10) & 31);
  const double mantissa = (half & 1023) / 1024.0;
  if (exponent == 0) return sign * std::ldexp(mantissa, -14);
  return sign * std::ldexp(1.0 + mantissa, exponent - 15);
}

bool IsFiniteHalf(uint32_t half) { return (half & 0x7C00) != 0x7C00; }

TEST(Half, EveryFiniteHalfHasItsValueAndComesBack) {
  for (uint32_t half = 0; half < 65536; ++half) {
    if (!IsFiniteHalf(half)) continue;
    const float value = F16ToF32(static_cast<uint16_t>(half));
    ASSERT_EQ(static_cast<double>(value), HalfByDefinition(half)) << half;
    ASSERT_EQ(F32ToF16(value), half);
  }
}

TEST(Half, InfinityAndNanSurvive) {
  EXPECT_EQ(F16ToF32(0x7C00), std::numeric_limits<float>::infinity());
  EXPECT_EQ(F16ToF32(0xFC00), -std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(F16ToF32(0x7C01)));
  EXPECT_TRUE(std::isnan(F16ToF32(0xFE00)));
  EXPECT_EQ(F32ToF16(-std::numeric_limits<float>::infinity()), 0xFC00);
  EXPECT_TRUE(std::isnan(F16ToF32(F32ToF16(std::numeric_limits<float>::quiet_NaN()))));
}

// Between any two neighbours: below the middle, the middle (to even), above the middle.
TEST(Half, RoundsToNearestTiesToEven) {
  for (uint32_t half = 0; half < kF16Largest; ++half) {
    const double low = HalfByDefinition(half);
    const double high = HalfByDefinition(half + 1);
    const auto middle =
        static_cast<float>((low + high) / 2);  // exact: one bit more than a half has
    const uint32_t even = half + (half & 1);
    ASSERT_EQ(F32ToF16(middle), even) << half;
    ASSERT_EQ(F32ToF16(std::nextafter(middle, 0.0F)), half);
    ASSERT_EQ(F32ToF16(std::nextafter(middle, 1e9F)), half + 1);
    ASSERT_EQ(F32ToF16(-middle), even | 0x8000);
  }
}

TEST(Half, OverflowsToInfinityOrSaturates) {
  EXPECT_EQ(F32ToF16(65519.99F), kF16Largest);
  EXPECT_EQ(F32ToF16(65520.0F), 0x7C00);
  EXPECT_EQ(F32ToF16(1e30F), 0x7C00);
  EXPECT_EQ(F32ToF16Saturated(1e30F), kF16Largest);
  EXPECT_EQ(F32ToF16Saturated(-1e30F), kF16Largest | 0x8000);
  EXPECT_EQ(F32ToF16Saturated(1.5F), F32ToF16(1.5F));
  EXPECT_EQ(F32ToF16(1e-30F), 0);
  EXPECT_EQ(F32ToF16(-1e-30F), 0x8000);
}

TEST(Bf16, IsTheUpperHalfOfAFloatRounded) {
  for (uint32_t bits = 0; bits < 65536; ++bits) {
    const auto half = static_cast<uint16_t>(bits);
    const float value = Bf16ToF32(half);
    if (std::isnan(value)) {
      ASSERT_TRUE(std::isnan(Bf16ToF32(F32ToBf16(value))));
    } else {
      ASSERT_EQ(F32ToBf16(value), half);
    }
  }
  const auto rounded = [](uint32_t bits) { return F32ToBf16(std::bit_cast<float>(bits)); };
  EXPECT_EQ(rounded(0x3F808000), 0x3F80) << "tie to even, down";
  EXPECT_EQ(rounded(0x3F818000), 0x3F82) << "tie to even, up";
  EXPECT_EQ(rounded(0x3F807FFF), 0x3F80);
  EXPECT_EQ(rounded(0x3F808001), 0x3F81);
  EXPECT_EQ(rounded(0x7F7FFFFF), 0x7F80) << "rounds to infinity";
  EXPECT_TRUE(std::isnan(Bf16ToF32(rounded(0x7F800001)))) << "a payload in the lower bits only";
}

}  // namespace
}  // namespace ledge
