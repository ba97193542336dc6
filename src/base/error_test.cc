#include "base/error.h"

#include <gtest/gtest.h>

#include <set>

#include "base/utf8.h"

namespace ledge {
namespace {

TEST(Error, EveryCodeHasItsOwnName) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(Code::kInterrupted); ++i) {
    names.insert(CodeName(static_cast<Code>(i)));
  }
  EXPECT_EQ(names.size(), static_cast<size_t>(Code::kInterrupted) + 1);
}

TEST(Error, ExitStatusIsTheInterfacesTable) {
  EXPECT_EQ(ExitStatus(Code::kInternal), 1);
  EXPECT_EQ(ExitStatus(Code::kIo), 1);
  EXPECT_EQ(ExitStatus(Code::kUsage), 2);
  EXPECT_EQ(ExitStatus(Code::kMalformed), 3);
  EXPECT_EQ(ExitStatus(Code::kUnsupported), 3);
  EXPECT_EQ(ExitStatus(Code::kNotFound), 4);
  EXPECT_EQ(ExitStatus(Code::kNoMemory), 5);
  EXPECT_EQ(ExitStatus(Code::kNoSpace), 5);
  EXPECT_EQ(ExitStatus(Code::kOverBudget), 5);
  EXPECT_EQ(ExitStatus(Code::kVerification), 6);
  EXPECT_EQ(ExitStatus(Code::kUnreachable), 7);
  EXPECT_EQ(ExitStatus(Code::kInterrupted), 130);
}

TEST(Error, HttpStatusIsAlwaysAnErrorAndFitsTheClientsFault) {
  for (int i = 0; i <= static_cast<int>(Code::kInterrupted); ++i) {
    EXPECT_GE(HttpStatus(static_cast<Code>(i)), 400);
    EXPECT_LT(HttpStatus(static_cast<Code>(i)), 600);
  }
  EXPECT_EQ(HttpStatus(Code::kMalformed), 400);
  EXPECT_EQ(HttpStatus(Code::kNotFound), 404);
  EXPECT_EQ(HttpStatus(Code::kOverBudget), 507);
}

TEST(Error, ContextComesInFront) {
  const Error error = Error{Code::kIo, "disk on fire"}.WithContext("reading x");
  EXPECT_EQ(error.code, Code::kIo);
  EXPECT_EQ(error.message, "reading x: disk on fire");
}

TEST(PrintableLine, LeavesOrdinaryTextAlone) {
  EXPECT_EQ(PrintableLine("a b\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"),
            "a b\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
}

TEST(PrintableLine, ShowsControlsAndInvalidBytesInHex) {
  EXPECT_EQ(PrintableLine("a\nb\x1b[31m\x7f"), "a\\x0ab\\x1b[31m\\x7f");
  EXPECT_EQ(PrintableLine("\xff\xC3("), "\\xff\\xc3(");
  EXPECT_EQ(PrintableLine(std::string_view("\0", 1)), "\\x00");
}

TEST(PrintableLine, ShowsC1ControlsInHex) {
  EXPECT_EQ(PrintableLine("\xC2\x9B"
                          "31m"),
            "\\xc2\\x9b31m");
  EXPECT_EQ(PrintableLine("\xC2\xA0"), "\xC2\xA0");
}

TEST(PrintableLine, CutsBetweenCharactersAndNeverExceedsTheLimit) {
  const std::string text = "\xC3\xA9\xE2\x82\xAC\nabc\xF0\x9F\x98\x80xyz";
  for (size_t limit = 0; limit < 40; ++limit) {
    const std::string line = PrintableLine(text, limit);
    EXPECT_LE(line.size(), limit);
    EXPECT_EQ(Utf8Sanitized(line), line) << limit;
    if (limit >= 3 && limit < 19) {
      EXPECT_TRUE(line.ends_with("...")) << limit << line;
    }
  }
  EXPECT_EQ(PrintableLine("abcdef", 5), "ab...");
  EXPECT_EQ(PrintableLine("abcde", 5), "abcde");
}

}  // namespace
}  // namespace ledge
