#include "cli/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

namespace ledge {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class OptionsTest : public ::testing::Test {
 protected:
  // What the option declared last says of a text.
  std::string Set(const std::vector<std::string>& texts) { return spec_.options.back().set(texts); }
  // Parses the command line; the problem, or nothing.
  std::string Parse(std::vector<std::string> arguments) {
    std::ranges::reverse(arguments);
    try {
      app_.parse(std::move(arguments));
    } catch (const CLI::ParseError& problem) {
      return problem.what();
    }
    return {};
  }

  CLI::App app_;
  CommandSpec spec_;
  Options options_{app_, spec_};
};

TEST_F(OptionsTest, SizesAreBinary) {
  uint64_t bytes = 7;
  options_.Size("--memory-budget", bytes, "most memory");
  EXPECT_EQ(Parse({"--memory-budget", "4G"}), "");
  EXPECT_EQ(bytes, uint64_t{4} << 30);
  EXPECT_EQ(Set({"512MiB"}), "");
  EXPECT_EQ(bytes, uint64_t{512} << 20);
  EXPECT_THAT(Set({"4 apples"}), HasSubstr("'4 apples' is not a size"));
  EXPECT_THAT(Parse({"--memory-budget", "-1"}), HasSubstr("--memory-budget: '-1' is not a size"));
  EXPECT_EQ(bytes, uint64_t{512} << 20);
}

TEST_F(OptionsTest, DurationsHaveUnits) {
  std::chrono::nanoseconds value{};
  options_.Duration("--keep-alive", value, "how long");
  EXPECT_EQ(Set({"250ms"}), "");
  EXPECT_EQ(value, std::chrono::milliseconds(250));
  EXPECT_EQ(Parse({"--keep-alive", "10m"}), "");
  EXPECT_EQ(value, std::chrono::minutes(10));
  EXPECT_THAT(Set({"soon"}), HasSubstr("'soon' is not a duration"));
}

TEST_F(OptionsTest, DefaultDurationsAreWrittenAsPeopleDo) {
  std::chrono::nanoseconds values[] = {std::chrono::minutes(10), std::chrono::milliseconds(1500),
                                       std::chrono::hours(2), std::chrono::nanoseconds(7),
                                       std::chrono::nanoseconds(0)};
  std::vector<std::string> defaults;
  for (auto& value : values) {
    options_.Duration("--d" + std::to_string(defaults.size()), value, "a time");
    defaults.push_back(spec_.options.back().defaults[0]);
  }
  EXPECT_THAT(defaults, ElementsAre("10m", "1500ms", "2h", "7ns", "0ns"));
}

TEST_F(OptionsTest, OfValuesTheLastCounts) {
  int64_t ctx = 0;
  std::vector<std::string> stop;
  options_.Whole("-c,--ctx", ctx, 0, 100, "tokens");
  options_.Texts("--stop", stop, "texts");
  EXPECT_EQ(Parse({"--ctx", "1", "-c", "2", "--stop", "a", "--stop", "b"}), "");
  EXPECT_EQ(ctx, 2);
  EXPECT_THAT(stop, ElementsAre("a", "b"));
  EXPECT_TRUE(spec_.options[0].Given());
  EXPECT_THAT(spec_.options[1].GivenTexts(), ElementsAre("a", "b"));
  EXPECT_THAT(Parse({"--ctx", "101"}), HasSubstr("--ctx: '101' is not a number from 0 to 100"));
}

TEST_F(OptionsTest, FlagsCanBeTakenBack) {
  bool pull = false;
  options_.Flag("--pull", pull, "fetch");
  EXPECT_EQ(Set({"yes"}), "");
  EXPECT_TRUE(pull);
  EXPECT_EQ(Parse({"--pull=false"}), "");
  EXPECT_FALSE(pull);
  EXPECT_EQ(Parse({"--pull"}), "");
  EXPECT_TRUE(pull);
  EXPECT_THAT(Parse({"--pull=maybe"}), HasSubstr("'maybe' is neither true nor false"));
}

TEST_F(OptionsTest, ListsAreTakenWholeOrNotAtAll) {
  std::vector<int64_t> values = {3};
  options_.Wholes("--parallel", values, 1, 8, "how many");
  EXPECT_NE(Set({"1,2,9"}), "");
  EXPECT_NE(Set({""}), "");
  EXPECT_NE(Set({"1,,2"}), "");
  EXPECT_THAT(values, ElementsAre(3));
  EXPECT_EQ(Set({"1,8"}), "");
  EXPECT_THAT(values, ElementsAre(1, 8));
}

TEST_F(OptionsTest, HaveNamesElsewhere) {
  int64_t n = 0;
  bool json = false;
  std::string model;
  options_.Whole("-n,--max-tokens", n, 0, 10, "tokens");
  options_.Whole("-p", n, 0, 10, "tokens");
  options_.Flag("--json", json, "document");
  options_.Argument("MODEL", model, "a model");
  EXPECT_EQ(spec_.options[0].Key(), "max-tokens");
  EXPECT_EQ(spec_.options[0].Variable(), "LEDGE_MAX_TOKENS");
  for (size_t i = 1; i < 4; ++i) {
    EXPECT_EQ(spec_.options[i].Key(), "");
    EXPECT_EQ(spec_.options[i].Variable(), "");
  }
  EXPECT_EQ(spec_.options[1].Name(), "-p");
  EXPECT_EQ(spec_.options[3].Name(), "MODEL");
  EXPECT_EQ(spec_.options[3].completes, Completes::kModel);
}

}  // namespace
}  // namespace ledge
