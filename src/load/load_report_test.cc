#include "load/load_report.h"

#include <gtest/gtest.h>

namespace ledge {
namespace {

using std::chrono::milliseconds;

TEST(LoadReport, TakesPercentilesByNearestRank) {
  std::vector<RequestOutcome> outcomes;
  for (int i = 100; i >= 1; --i) {
    outcomes.push_back({.status = 200,
                        .to_first = milliseconds(i),
                        .total = milliseconds(10 * i),
                        .pieces = 1,
                        .usage = ChatUsage{10, 4, 3, 1}});
  }
  const LoadReport report = SumUp(outcomes, std::chrono::seconds(2));
  EXPECT_DOUBLE_EQ(report.to_first.p50, 0.050);
  EXPECT_DOUBLE_EQ(report.to_first.p95, 0.095);
  EXPECT_DOUBLE_EQ(report.to_first.p99, 0.099);
  EXPECT_DOUBLE_EQ(report.to_first.max, 0.100);
  EXPECT_DOUBLE_EQ(report.total.max, 1);
  EXPECT_EQ(report.gap.count, 0U);
  EXPECT_DOUBLE_EQ(report.requests_per_second, 50);
  EXPECT_EQ(report.tokens.cached_tokens, 400U);
  EXPECT_EQ(report.tokens.forced_tokens, 100U);
  EXPECT_DOUBLE_EQ(report.completion_tokens_per_second, 150);
}

TEST(LoadReport, LeavesFailuresOutOfTheTimes) {
  std::vector<RequestOutcome> outcomes = {
      {.status = 200, .total = milliseconds(5), .gaps = {milliseconds(1)}, .pieces = 2}};
  for (int i = 0; i < 100; ++i)
    outcomes.push_back({.error = "e" + std::to_string(i), .total = milliseconds(9000)});
  const LoadReport report = SumUp(outcomes, std::chrono::seconds(1));
  EXPECT_EQ(report.requests, 101U);
  EXPECT_EQ(report.failed, 100U);
  EXPECT_EQ(report.failures.size(), 21U);
  EXPECT_EQ(report.failures.at("others"), 80U);
  EXPECT_DOUBLE_EQ(report.total.max, 0.005);
  EXPECT_EQ(report.without_usage, 1U);
  EXPECT_EQ(report.tokens.completion_tokens, 2U);
}

TEST(LoadReport, OfNothingIsZero) {
  const LoadReport report = SumUp({}, std::chrono::seconds(0));
  EXPECT_EQ(report.requests_per_second, 0);
  EXPECT_EQ(report.to_first.p99, 0);
}

}  // namespace
}  // namespace ledge
