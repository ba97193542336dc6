#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace ledge {
namespace {

Result<int> Half(int n) {
  if (n % 2 != 0) return MakeError(Code::kUsage, "{} is odd; give an even number", n);
  return n / 2;
}

Result<int> Quarter(int n) {
  LEDGE_TRY(const int half, Half(n));
  LEDGE_TRY(const int quarter, Half(half));
  return quarter;
}

Result<void> CheckHalves(int n, int* reached) {
  LEDGE_CHECK_OK(Half(n));
  ++*reached;
  LEDGE_CHECK_OK(Half(n / 2));
  ++*reached;
  return {};
}

TEST(Result, HoldsAValueOrAnError) {
  EXPECT_TRUE(Half(4).ok());
  EXPECT_EQ(*Half(4), 2);
  const auto failed = Half(3);
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().code, Code::kUsage);
  EXPECT_EQ(failed.error().message, "3 is odd; give an even number");
}

TEST(Result, TryReturnsTheFirstError) {
  EXPECT_EQ(Quarter(8).value(), 2);
  EXPECT_EQ(Quarter(6).error().message, "3 is odd; give an even number");
  EXPECT_EQ(Quarter(5).error().message, "5 is odd; give an even number");
}

TEST(Result, CheckOkStopsAtTheFirstError) {
  int reached = 0;
  EXPECT_FALSE(CheckHalves(6, &reached).ok());
  EXPECT_EQ(reached, 1);
  EXPECT_TRUE(CheckHalves(8, &reached).ok());
  EXPECT_EQ(reached, 3);
}

TEST(Result, TryAssignsToAVariableThatIsThere) {
  const auto assign = []() -> Result<int> {
    int n = 0;
    LEDGE_TRY(n, Half(10));
    return n;
  };
  EXPECT_EQ(assign().value(), 5);
}

TEST(Result, MovesWhatCannotBeCopied) {
  const auto make = []() -> Result<std::unique_ptr<int>> { return std::make_unique<int>(7); };
  const auto use = [&]() -> Result<int> {
    LEDGE_TRY(const auto pointer, make());
    return *pointer;
  };
  EXPECT_EQ(use().value(), 7);
}

TEST(Result, MapAndAndThenRunOnlyOnAValue) {
  EXPECT_EQ(Half(4).map([](int n) { return std::to_string(n); }).value(), "2");
  EXPECT_EQ(Half(8).and_then(Half).value(), 2);
  bool ran = false;
  const auto mark = [&](int n) {
    ran = true;
    return n;
  };
  EXPECT_FALSE(Half(3).map(mark).ok());
  EXPECT_FALSE(ran);
  EXPECT_EQ(Half(3).and_then(Half).error().code, Code::kUsage);
}

TEST(Result, ContextIsAddedToErrorsOnly) {
  EXPECT_EQ(Half(4).WithContext("x").value(), 2);
  EXPECT_EQ(Half(3).WithContext("field n").error().message,
            "field n: 3 is odd; give an even number");
  EXPECT_TRUE(Result<void>().WithContext("x").ok());
  EXPECT_EQ(Result<void>(Error{Code::kIo, "y"}).WithContext("x").error().message, "x: y");
}

TEST(Result, ValueOrGivesTheOtherOnError) {
  EXPECT_EQ(Half(3).value_or(9), 9);
  EXPECT_EQ(Half(4).value_or(9), 2);
}

}  // namespace
}  // namespace ledge
