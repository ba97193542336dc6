#include "engine/step_times.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>
#include <vector>

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

// A machine that is simulated: a step takes as long as reading the weights or as computing its
// columns, whichever is longer, and up to a third longer than that at random.
struct Machine {
  double weights_ms = 8;
  double column_ms = 1;
  double last_column_ms = 0;  // more, for the last column of a prompt
  std::mt19937 random{1};

  // `attention_ms`: beside the products.
  nanoseconds Step(uint32_t columns, double attention_ms) {
    const double ms = std::max(weights_ms, columns * column_ms) + attention_ms;
    const double disturbed = ms * (1 + std::uniform_real_distribution(0.0, 0.33)(random));
    return nanoseconds(static_cast<int64_t>(1e6 * disturbed));
  }
};

constexpr uint32_t kPrompt = 3000;
constexpr uint32_t kStreams = 4;
constexpr milliseconds kStall{200};

// Milliseconds of the steps in which a prompt is read, alone or beside four streams.
std::vector<double> StepsOf(StepTimes& times, Machine& machine, bool alone) {
  std::vector<double> steps;
  for (uint32_t done = 0; done < kPrompt;) {
    const uint32_t fit = alone ? times.PromptColumnsAlone(512) : times.PromptColumns(kStall, 512);
    const uint32_t columns = std::min(fit, kPrompt - done);  // 0: a step of the streams alone
    const uint32_t decoding = alone ? 0 : kStreams;
    const nanoseconds took =
        machine.Step(columns + decoding, columns * machine.last_column_ms * done / kPrompt);
    times.Observe(decoding, columns, took);
    steps.push_back(static_cast<double>(took.count()) / 1e6);
    done += columns;
  }
  return steps;
}

double SumOf(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

double MedianOf(std::vector<double> values) {
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
  return values[values.size() / 2];
}

// A server that has read a prompt and decodes four streams since.
StepTimes Decoding(Machine& machine) {
  StepTimes times;
  StepsOf(times, machine, true);
  for (int i = 0; i < 50; ++i) times.Observe(kStreams, 0, machine.Step(kStreams, 0));
  return times;
}

TEST(StepTimes, ALongPromptBesideStreamsTakesLessThanTwiceAsLongAsAlone) {
  Machine machine;
  StepTimes times = Decoding(machine);
  StepTimes same = times;
  const double alone = SumOf(StepsOf(same, machine, true));
  const std::vector<double> gaps = StepsOf(times, machine, false);
  EXPECT_LT(SumOf(gaps), 1.7 * alone);
  const double longest = std::ranges::max(gaps);
  EXPECT_LT(longest, 3 * machine.weights_ms * 1.17) << "of steps without a prompt";
  EXPECT_LT(longest, 3 * MedianOf(gaps));
  EXPECT_LT(longest, kStall.count());
}

TEST(StepTimes, GapsStayTheSameWhileAPromptsColumnsGetDearer) {
  Machine machine{.last_column_ms = 4};
  StepTimes times = Decoding(machine);
  const std::vector<double> gaps = StepsOf(times, machine, false);
  const auto last =
      std::vector(gaps.end() - static_cast<std::ptrdiff_t>(gaps.size() / 2), gaps.end());
  EXPECT_NEAR(MedianOf(last), StepTimes::kPace * machine.weights_ms * 1.17, 4);
}

TEST(StepTimes, NowAndThenAsksForAStepWithoutThePrompt) {
  StepTimes times = Learned(milliseconds(10), milliseconds(1));
  times.Observe(4, 0, milliseconds(10));
  for (uint32_t i = 0; i < StepTimes::kAloneEvery; ++i) {
    EXPECT_GT(times.PromptColumns(milliseconds(200), 512), 0u);
    times.Observe(4, 15, milliseconds(25));
  }
  EXPECT_EQ(times.PromptColumns(milliseconds(200), 512), 0u);
  times.Observe(4, 0, milliseconds(10));
  EXPECT_GT(times.PromptColumns(milliseconds(200), 512), 0u);
}

TEST(StepTimes, GapsOfSlowMachinesAreTwiceADecodeStep) {
  Machine machine{.weights_ms = 110, .column_ms = 20};
  StepTimes times = Decoding(machine);
  const std::vector<double> gaps = StepsOf(times, machine, false);
  EXPECT_LT(std::ranges::max(gaps), 2 * 110 * 1.33 * 1.33);
  EXPECT_LT(std::ranges::max(gaps), 3 * MedianOf(gaps));
}

TEST(StepTimes, APromptGetsOnWhereAllGetsSlowerWhileItIsRead) {
  Machine machine;
  StepTimes times = Decoding(machine);
  StepTimes same = times;
  // Another program takes most of the cores.
  machine.weights_ms *= 4;
  machine.column_ms *= 4;
  const double alone = SumOf(StepsOf(same, machine, true));
  const std::vector<double> gaps = StepsOf(times, machine, false);
  EXPECT_LT(SumOf(gaps), 1.8 * alone);
  EXPECT_LT(std::ranges::max(gaps), 3 * MedianOf(gaps));
}

}  // namespace
}  // namespace ledge
