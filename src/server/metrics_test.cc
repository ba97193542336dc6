#include "server/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ledge {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

TEST(Metrics, BucketsHoldAllThatIsNoLarger) {
  Histogram histogram;
  for (const int ms : {1, 5, 6, 40'000}) histogram.Observe(milliseconds(ms));
  std::string text;
  histogram.AppendTo(text, "x_seconds", "Help.");
  EXPECT_THAT(text, HasSubstr("# TYPE x_seconds histogram\n"));
  EXPECT_THAT(text, HasSubstr("x_seconds_bucket{le=\"0.001\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("x_seconds_bucket{le=\"0.005\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("x_seconds_bucket{le=\"0.01\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("x_seconds_bucket{le=\"30\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("x_seconds_bucket{le=\"+Inf\"} 4\n"));
  EXPECT_THAT(text, HasSubstr("x_seconds_count 4\n"));
}

TEST(Metrics, LabelsAreEscaped) {
  EXPECT_EQ(Label("model", "a\"b\\c\nd"), R"(model="a\"b\\c\nd")");
}

}  // namespace
}  // namespace ledge
