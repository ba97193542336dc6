#include "engine/step_times.h"

#include <gtest/gtest.h>

namespace ledge {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// Steps of 10 ms with 1 ms a prompt column.
StepTimes Learned(nanoseconds decode, nanoseconds column) {
  StepTimes times;
  for (int i = 0; i < 50; ++i) {
    times.Observe(4, 0, decode);
    times.Observe(4, 20, decode + 20 * column);
  }
  return times;
}

TEST(StepTimes, LeavesAnEvenPaceToRunningAnswers) {
  const StepTimes times = Learned(milliseconds(10), milliseconds(1));
  // 2.5 x 10 ms, less the 10 ms.
  EXPECT_NEAR(times.PromptColumns(milliseconds(200), 512), 15, 1);
}

TEST(StepTimes, KnowsHowFastPromptsAreRead) {
  EXPECT_EQ(StepTimes().PromptsPerSecond(), 0);
  EXPECT_NEAR(Learned(milliseconds(10), milliseconds(1)).PromptsPerSecond(), 20 / 0.03, 1);
}

TEST(StepTimes, GivesWayWhereMoreWaitThanRun) {
  const StepTimes times = Learned(milliseconds(10), milliseconds(1));
  EXPECT_NEAR(times.PromptColumns(milliseconds(200), 512, true), 190, 2);
}

TEST(StepTimes, HoldsTheStallBound) {
  const StepTimes times = Learned(milliseconds(90), milliseconds(2));
  EXPECT_NEAR(times.PromptColumns(milliseconds(200), 512), 55, 1);
}

TEST(StepTimes, GivesTwiceADecodeStepWhereThatIsLongerThanTheBound) {
  const StepTimes times = Learned(milliseconds(300), milliseconds(10));
  EXPECT_NEAR(times.PromptColumns(milliseconds(200), 512), 30, 1);
}

TEST(StepTimes, GivesSmallModelsAStepThatNobodyNotices) {
  const StepTimes times = Learned(nanoseconds(100'000), nanoseconds(100'000));
  EXPECT_NEAR(times.PromptColumns(milliseconds(200), 512), 199, 3);
}

TEST(StepTimes, IsCautiousBeforeItKnows) {
  const StepTimes times;
  EXPECT_LE(times.PromptColumns(milliseconds(200), 512), 16u);
  EXPECT_GE(times.PromptColumns(milliseconds(200), 512), 1u);
  EXPECT_EQ(times.PromptColumns(nanoseconds(0), 512), 512u);
}

TEST(StepTimes, AlwaysGetsOn) {
  const StepTimes times = Learned(milliseconds(1), milliseconds(500));
  EXPECT_EQ(times.PromptColumns(milliseconds(200), 512), 1u);
  EXPECT_EQ(times.PromptColumnsAlone(512), StepTimes::kLeastSoloColumns);
}

}  // namespace
}  // namespace ledge
