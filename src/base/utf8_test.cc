#include "base/utf8.h"

#include <gtest/gtest.h>

#include <vector>

namespace ledge {
namespace {

std::string Encode(char32_t rune) {
  std::string text;
  Utf8Append(text, rune);
  return text;
}

bool IsScalar(char32_t rune) { return rune <= 0x10FFFF && (rune < 0xD800 || rune > 0xDFFF); }

TEST(Utf8, EveryScalarComesBack) {
  for (char32_t rune = 0; rune <= 0x10FFFF; ++rune) {
    if (!IsScalar(rune)) continue;
    const std::string text = Encode(rune);
    std::string_view view = text;
    ASSERT_EQ(Utf8SequenceLength(view), text.size()) << std::hex << static_cast<uint32_t>(rune);
    ASSERT_EQ(Utf8Next(view), rune);
    ASSERT_TRUE(view.empty());
  }
}

TEST(Utf8, WhatIsNoScalarIsEncodedAsReplacement) {
  for (const char32_t rune : {0xD800u, 0xDFFFu, 0x110000u, 0xFFFFFFFFu}) {
    EXPECT_EQ(Encode(rune), "\xEF\xBF\xBD");
  }
}

TEST(Utf8, RefusesOverlongSurrogateAndTooLargeForms) {
  for (const char* text :
       {"\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xE0\x9F\xBF", "\xF0\x80\x80\x80",
        "\xF0\x8F\xBF\xBF", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",
        "\xFF", "\x80", "\xC3", "\xE2\x82", "\xF0\x9F\x98"}) {
    EXPECT_EQ(Utf8SequenceLength(text), 0u) << text;
  }
}

TEST(Utf8, EveryTwoBytesAreValidOrRefusedExactly) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const std::string text = {static_cast<char>(first), static_cast<char>(second)};
      const bool two = first >= 0xC2 && first <= 0xDF && second >= 0x80 && second <= 0xBF;
      const size_t expected = first < 0x80 ? 1 : two ? 2 : 0;
      ASSERT_EQ(Utf8SequenceLength(text), expected) << first << " " << second;
    }
  }
}

TEST(Utf8, NextMovesOneByteOverInvalidOnes) {
  std::string_view text = "\xE2\x82X";
  EXPECT_EQ(Utf8Next(text), kInvalidRune);
  EXPECT_EQ(Utf8Next(text), kInvalidRune);
  EXPECT_EQ(Utf8Next(text), U'X');
  EXPECT_TRUE(text.empty());
}

TEST(Utf8, CompletePrefixHoldsBackWhatMayStillGrow) {
  const std::string whole = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80";  // 1, 2, 3 and 4 bytes
  const std::vector<size_t> borders = {0, 1, 3, 6, 10};
  for (size_t cut = 0; cut <= whole.size(); ++cut) {
    size_t border = 0;
    for (const size_t b : borders) border = b <= cut ? b : border;
    EXPECT_EQ(Utf8CompletePrefix(whole.substr(0, cut)), border) << cut;
  }
}

TEST(Utf8, CompletePrefixDoesNotWaitForWhatCanNeverBeValid) {
  EXPECT_EQ(Utf8CompletePrefix("a\x80"), 2u);
  EXPECT_EQ(Utf8CompletePrefix("\xE0\x80"), 2u);  // overlong whatever follows
  EXPECT_EQ(Utf8CompletePrefix("\xED\xA0"), 2u);  // a surrogate whatever follows
  EXPECT_EQ(Utf8CompletePrefix("\xC3\x41"), 2u);
  EXPECT_EQ(Utf8CompletePrefix("\xF5"), 1u);
  EXPECT_EQ(Utf8CompletePrefix(""), 0u);
}

TEST(Utf8, SanitizedReplacesEachInvalidByte) {
  EXPECT_EQ(Utf8Sanitized("a\xFF\xC3z"), "a\xEF\xBF\xBD\xEF\xBF\xBDz");
  EXPECT_EQ(Utf8Sanitized("\xE2\x82\xAC"), "\xE2\x82\xAC");
  EXPECT_EQ(Utf8Sanitized(""), "");
}

}  // namespace
}  // namespace ledge
