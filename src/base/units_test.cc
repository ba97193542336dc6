#include "base/units.h"

#include <gtest/gtest.h>

#include "testing/result_matchers.h"

namespace ledge {
namespace {

using std::chrono::nanoseconds;
using namespace std::chrono_literals;

TEST(ParseSize, TakesWhatPeopleWrite) {
  EXPECT_EQ(ParseSize("0").value(), 0u);
  EXPECT_EQ(ParseSize("123").value(), 123u);
  EXPECT_EQ(ParseSize("512MiB").value(), 512 * kMiB);
  EXPECT_EQ(ParseSize("4GiB").value(), 4 * kGiB);
  EXPECT_EQ(ParseSize("4G").value(), 4 * kGiB);
  EXPECT_EQ(ParseSize("4GB").value(), 4 * kGiB);
  EXPECT_EQ(ParseSize("1.5K").value(), 1536u);
  EXPECT_EQ(ParseSize("2TiB").value(), 2048 * kGiB);
}

TEST(ParseSize, RefusesEverythingElse) {
  for (const char* text : {"", " 4G", "4 G", "-1", "+1", "1e3", "0x10", "nan", "inf", "4Q", "G",
                           ".", "1.2.3", "4g", "4GiBs", "999999999T"}) {
    EXPECT_ERROR(ParseSize(text), Code::kUsage, "512MiB") << text;
  }
}

TEST(ParseSize, MessageHasNoControlCharacters) {
  EXPECT_ERROR(ParseSize("4\nG"), Code::kUsage, "4\\x0aG");
}

TEST(ParseDuration, TakesWhatPeopleWrite) {
  EXPECT_EQ(ParseDuration("250ms").value(), 250ms);
  EXPECT_EQ(ParseDuration("10m").value(), 10min);
  EXPECT_EQ(ParseDuration("3").value(), 3s);
  EXPECT_EQ(ParseDuration("1.5h").value(), 90min);
  EXPECT_EQ(ParseDuration("2d").value(), 48h);
  EXPECT_EQ(ParseDuration("7us").value(), 7us);
  EXPECT_EQ(ParseDuration("9ns").value(), 9ns);
}

TEST(ParseDuration, RefusesEverythingElse) {
  for (const char* text : {"", "-1", "1 s", "ms", "1y", "1e9", "999999999d"}) {
    EXPECT_ERROR(ParseDuration(text), Code::kUsage, "250ms") << text;
  }
}

TEST(FormatSize, HasThreeDigitsAndBinaryUnits) {
  EXPECT_EQ(FormatSize(0), "0 B");
  EXPECT_EQ(FormatSize(999), "999 B");
  EXPECT_EQ(FormatSize(1000), "0.98 KiB");
  EXPECT_EQ(FormatSize(kMiB), "1.00 MiB");
  EXPECT_EQ(FormatSize(98'352'128), "93.8 MiB");
  EXPECT_EQ(FormatSize(512 * kMiB), "512 MiB");
  EXPECT_EQ(FormatSize(4 * kGiB), "4.00 GiB");
}

TEST(FormatDuration, FitsTheMagnitude) {
  EXPECT_EQ(FormatDuration(500us), "500 us");
  EXPECT_EQ(FormatDuration(350ms), "350 ms");
  EXPECT_EQ(FormatDuration(1200ms), "1.2 s");
  EXPECT_EQ(FormatDuration(200s), "3 m 20 s");
  EXPECT_EQ(FormatDuration(3700s), "1 h 1 m");
}

}  // namespace
}  // namespace ledge
