#include "load/prompt_choice.h"

#include <gtest/gtest.h>

namespace ledge {
namespace {

TEST(PromptChoice, GoesInTurnWithoutZipf) {
  PromptChoice choice(3, 0, 1);
  for (size_t i = 0; i < 9; ++i) EXPECT_EQ(choice.Next(), i % 3);
}

TEST(PromptChoice, FollowsZipf) {
  constexpr int kDraws = 100'000;
  PromptChoice choice(10, 1, 7);
  std::vector<int> counts(10);
  for (int i = 0; i < kDraws; ++i) ++counts[choice.Next()];
  double sum = 0;
  for (int k = 1; k <= 10; ++k) sum += 1.0 / k;
  for (int k = 1; k <= 10; ++k)
    EXPECT_NEAR(counts[static_cast<size_t>(k - 1)], kDraws / (k * sum), 600) << k;
}

TEST(PromptChoice, IsTheSameForASeed) {
  PromptChoice a(50, 1.1, 3), b(50, 1.1, 3), c(50, 1.1, 4);
  int different = 0;
  for (int i = 0; i < 100; ++i) {
    const size_t next = a.Next();
    EXPECT_EQ(b.Next(), next);
    different += c.Next() != next ? 1 : 0;
  }
  EXPECT_GT(different, 10);
}

TEST(LoadRandom, GapsHaveTheirMean) {
  LoadRandom random(5);
  double sum = 0;
  for (int i = 0; i < 100'000; ++i) sum += random.Exponential();
  EXPECT_NEAR(sum / 100'000, 1, 0.02);
}

}  // namespace
}  // namespace ledge
