#include <gtest/gtest.h>

#include "worker/serving.h"

namespace ledge {
namespace {

TEST(QueueTokens, FollowTheSpeedAndAreNeverLessThanSomeContexts) {
  EXPECT_EQ(QueueTokens(777, 50, 4096, 16), 777u);
  EXPECT_EQ(QueueTokens(0, 50, 4096, 16), 30'000u);
  EXPECT_EQ(QueueTokens(0, 1, 4096, 16), 4u * 4096);
  EXPECT_EQ(QueueTokens(0, 0, 4096, 16), 16u * 4096);
  EXPECT_EQ(QueueTokens(0, 0, 4096, 1), 4u * 4096);
}

TEST(RetryAfter, IsTheTimeThatTheExcessTakes) {
  EXPECT_EQ(RetryAfterSeconds(100, 50), 2u);
  EXPECT_EQ(RetryAfterSeconds(101, 50), 3u);
  EXPECT_EQ(RetryAfterSeconds(1, 1e9), 1u);
  EXPECT_EQ(RetryAfterSeconds(1'000'000'000, 1), 600u);
  EXPECT_GE(RetryAfterSeconds(1, 0), 1u);
}

}  // namespace
}  // namespace ledge
