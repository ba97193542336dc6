#include "cli/bench/width.h"

#include <gtest/gtest.h>

namespace ledge {
namespace {

// Steps that take `memory` seconds or `column` for each column, whichever is more.
std::vector<StepTime> Steps(double memory, double column) {
  std::vector<StepTime> steps;
  for (const uint32_t columns : {1u, 2u, 4u, 8u, 16u, 32u, 64u})
    steps.push_back({columns, std::max(memory, column * columns)});
  return steps;
}

TEST(WidthOf, IsWhereArithmeticReachesMemory) {
  EXPECT_EQ(WidthOf(Steps(0.1, 0.01)), 10u);
  EXPECT_EQ(WidthOf(Steps(0.1, 0.016)), 6u);
}

TEST(WidthOf, IsOneWhereAStepOfOneColumnIsBoundByArithmeticAlready) {
  EXPECT_EQ(WidthOf(Steps(0.001, 0.01)), 1u);
}

TEST(WidthOf, IsTheWidestThatWasMeasuredWhereMoreColumnsCostNothing) {
  EXPECT_EQ(WidthOf(Steps(10, 0.01)), 64u);
  EXPECT_EQ(WidthOf({{1, 0.2}, {2, 0.1}}), 2u);
}

TEST(WidthOf, OneMeasurementTellsNothing) {
  EXPECT_EQ(WidthOf({{1, 0.1}}), 1u);
  EXPECT_EQ(WidthOf({}), 1u);
}

}  // namespace
}  // namespace ledge
