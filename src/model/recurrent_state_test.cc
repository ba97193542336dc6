#include "model/recurrent_state.h"

#include <gtest/gtest.h>

#include "testing/result_matchers.h"

namespace ledge {
namespace {

// A step as an executor makes it: every state that is asked for holds its length.
Result<void> Go(RecurrentState& state, uint32_t end) {
  LEDGE_CHECK_OK(state.Reserve());
  state.Plan(end);
  for (const RecurrentState::Target& target : state.targets())
    *target.block = static_cast<float>(target.length);
  state.Commit();
  return {};
}

class RecurrentStateTest : public ::testing::Test {
 protected:
  static constexpr uint64_t kBytes = 4096;

  MemoryBudget budget_;
  PagePool pool_{PosixOs(), budget_, kBytes};
};

TEST_F(RecurrentStateTest, WithoutAPoolAllLengthsAreCutPoints) {
  RecurrentState state(nullptr);
  ASSERT_OK(Go(state, 77));
  EXPECT_EQ(state.CutPoint(13), 13U);
  EXPECT_EQ(state.current(), nullptr);
  EXPECT_EQ(state.bytes(), 0U);
}

TEST_F(RecurrentStateTest, BeginsAsZeros) {
  RecurrentState state(&pool_);
  EXPECT_EQ(state.current(), nullptr);
  EXPECT_EQ(state.CutPoint(0), 0U);
}

TEST_F(RecurrentStateTest, StepsReadOneBlockAndWriteTheOther) {
  RecurrentState state(&pool_);
  ASSERT_OK(Go(state, 5));
  const float* const first = state.current();
  ASSERT_OK(Go(state, 6));
  EXPECT_NE(state.current(), first);
  EXPECT_EQ(*state.current(), 6);
  ASSERT_OK(Go(state, 7));
  EXPECT_EQ(state.current(), first);
  EXPECT_EQ(pool_.pages_in_use(), 2U);
  EXPECT_EQ(state.bytes(), 2 * kBytes);
}

TEST_F(RecurrentStateTest, AnAbandonedStepChangesNothing) {
  RecurrentState state(&pool_);
  ASSERT_OK(Go(state, 250));
  ASSERT_OK(state.Reserve());
  state.Plan(300);
  for (const RecurrentState::Target& target : state.targets()) *target.block = -1;
  state.Release();
  EXPECT_EQ(*state.current(), 250);
  EXPECT_EQ(state.CutPoint(260), 0U);
  EXPECT_EQ(pool_.pages_in_use(), 1U);
  // As well where it is planned anew at once.
  ASSERT_OK(state.Reserve());
  state.Plan(300);
  ASSERT_OK(Go(state, 251));
  EXPECT_EQ(*state.current(), 251);
}

TEST_F(RecurrentStateTest, IsCutAtCheckpoints) {
  RecurrentState state(&pool_);
  ASSERT_OK(Go(state, 700));
  EXPECT_EQ(state.CutPoint(700), 700U);
  EXPECT_EQ(state.CutPoint(699), 512U);
  EXPECT_EQ(state.CutPoint(512), 512U);
  EXPECT_EQ(state.CutPoint(511), 256U);
  EXPECT_EQ(state.CutPoint(255), 0U);
  RecurrentState fork = state.Fork(256);
  EXPECT_EQ(*fork.current(), 256);
  EXPECT_EQ(fork.CutPoint(300), 256U);
  state.Truncate(512);
  EXPECT_EQ(*state.current(), 512);
  EXPECT_EQ(state.CutPoint(600), 512U);
  state.Truncate(0);
  EXPECT_EQ(state.current(), nullptr);
}

TEST_F(RecurrentStateTest, AStepThatEndsAtACheckpointKeepsIt) {
  RecurrentState state(&pool_);
  ASSERT_OK(Go(state, 256));
  ASSERT_OK(Go(state, 257));
  ASSERT_OK(Go(state, 258));
  EXPECT_EQ(state.CutPoint(257), 256U);
  EXPECT_EQ(*state.Fork(256).current(), 256);
}

TEST_F(RecurrentStateTest, CheckpointsAreThinnedOutEvenly) {
  RecurrentState state(&pool_);
  for (uint32_t end = 100; end <= 8 * kCheckpointTokens; end += 100) ASSERT_OK(Go(state, end));
  std::vector<uint32_t> cuts;
  for (uint32_t length = 1999; length > 0; --length) {
    length = state.CutPoint(length);
    if (length == 0) break;
    cuts.push_back(length);
  }
  EXPECT_EQ(cuts.size(), kMaxCheckpoints);
  EXPECT_LE(pool_.pages_in_use(), kMaxCheckpoints + 2);
  // No gap is much larger than an even one would be.
  uint32_t above = 2000;
  for (const uint32_t cut : cuts) {
    EXPECT_LE(above - cut, 800U) << cut;
    above = cut;
  }
  EXPECT_LE(above, 800U);
}

TEST_F(RecurrentStateTest, MarksAreCutPointsAndNotThinnedOut) {
  RecurrentState state(&pool_);
  state.Mark(90);
  state.Mark(100);
  for (uint32_t end = 64; end <= 3000; end += 64) ASSERT_OK(Go(state, end));
  EXPECT_EQ(state.CutPoint(99), 90U);
  EXPECT_EQ(state.CutPoint(150), 100U);
  EXPECT_EQ(*state.Fork(100).current(), 100);
  // What is behind can't be marked, and of more marks the latest count.
  state.Mark(50);
  EXPECT_EQ(state.CutPoint(99), 90U);
  state.Mark(5000);
  EXPECT_EQ(state.CutPoint(99), 0U);
  EXPECT_EQ(state.CutPoint(150), 100U);
}

TEST_F(RecurrentStateTest, ForksShareBlocksAndGoTheirOwnWays) {
  RecurrentState a(&pool_);
  ASSERT_OK(Go(a, 300));
  RecurrentState b = a.Fork(300);
  const uint64_t pages = pool_.pages_in_use();
  EXPECT_EQ(b.current(), a.current());
  ASSERT_OK(Go(a, 301));
  EXPECT_EQ(*b.current(), 300);
  ASSERT_OK(Go(b, 310));
  EXPECT_EQ(*a.current(), 301);
  EXPECT_EQ(*b.current(), 310);
  EXPECT_LE(pool_.pages_in_use(), pages + 2);
}

TEST_F(RecurrentStateTest, DoesWithoutCheckpointsWhereMemoryIsShort) {
  RecurrentState state(&pool_);
  ASSERT_OK(Go(state, 10));
  ASSERT_OK(state.Reserve());
  budget_.SetTotal(budget_.used());
  ASSERT_OK(Go(state, 1000));
  EXPECT_EQ(*state.current(), 1000);
  EXPECT_EQ(state.CutPoint(999), 0U);
  EXPECT_FALSE(state.DropCheckpoints());
  budget_.SetTotal(MemoryBudget::kUnlimited);
  ASSERT_OK(Go(state, 1100));
  EXPECT_EQ(state.CutPoint(1099), 1024U);
  EXPECT_TRUE(state.DropCheckpoints());
  EXPECT_EQ(state.CutPoint(1099), 0U);
  EXPECT_EQ(pool_.pages_in_use(), 2U);
}

TEST_F(RecurrentStateTest, FailsWhereThereIsNoBlockToWrite) {
  budget_.SetTotal(kBytes);
  RecurrentState a(&pool_);
  ASSERT_OK(a.Reserve());
  RecurrentState b(&pool_);
  EXPECT_ERROR(b.Reserve(), Code::kOverBudget, "");
}

}  // namespace
}  // namespace ledge
