#include "engine/stop/stop_matcher.h"

#include <gtest/gtest.h>

#include <random>

#include "base/utf8.h"
#include "testing/result_matchers.h"

namespace ledge {
namespace {

StopMatcher Make(std::vector<std::string> stops) {
  auto matcher = StopMatcher::Create(std::move(stops));
  EXPECT_OK(matcher);
  return std::move(matcher).value();
}

TEST(StopMatcher, ShowsEverythingWithoutStops) {
  auto matcher = Make({});
  EXPECT_EQ(matcher.Feed("hello"), "hello");
  EXPECT_EQ(matcher.Flush(), "");
  EXPECT_FALSE(matcher.matched());
}

TEST(StopMatcher, EndsBeforeTheStopAndDropsTheRest) {
  auto matcher = Make({"END", "###"});
  EXPECT_EQ(matcher.Feed("abc###def"), "abc");
  EXPECT_EQ(matcher.matched(), 1u);
  EXPECT_EQ(matcher.Feed("more"), "");
  EXPECT_EQ(matcher.Flush(), "");
}

TEST(StopMatcher, NeverShowsHalfOfAStop) {
  auto matcher = Make({"</end>"});
  EXPECT_EQ(matcher.Feed("a</"), "a");
  EXPECT_EQ(matcher.Feed("en"), "");
  EXPECT_EQ(matcher.Feed("d"), "");
  EXPECT_EQ(matcher.Feed("x"), "</endx");
  EXPECT_EQ(matcher.Feed("</end>"), "");
  EXPECT_EQ(matcher.matched(), 0u);
}

TEST(StopMatcher, GivesHeldTextOutAtTheEnd) {
  auto matcher = Make({"stop"});
  EXPECT_EQ(matcher.Feed("please st"), "please ");
  EXPECT_EQ(matcher.Flush(), "st");
  EXPECT_FALSE(matcher.matched());
}

TEST(StopMatcher, HoldsIncompleteUtf8Back) {
  auto matcher = Make({});
  EXPECT_EQ(matcher.Feed("a\xF0\x9F"), "a");
  EXPECT_EQ(matcher.Feed("\x9A\x82z"), "\xF0\x9F\x9A\x82z");
  EXPECT_EQ(matcher.Feed("\xC3"), "");
  EXPECT_EQ(matcher.Flush(), "\xC3");
}

TEST(StopMatcher, OverlappingBeginningsAreFound) {
  auto matcher = Make({"aab"});
  std::string shown;
  for (const char* piece : {"a", "a", "a", "b"}) shown += matcher.Feed(piece);
  EXPECT_EQ(shown, "a");
  EXPECT_EQ(matcher.matched(), 0u);
}

TEST(StopMatcher, AShortStopBehindALongOnesBeginningIsFoundAtTheEnd) {
  auto matcher = Make({"abcd", "bc"});
  EXPECT_EQ(matcher.Feed("xabc"), "x");
  EXPECT_EQ(matcher.Flush(), "a");
  EXPECT_EQ(matcher.matched(), 1u);
}

TEST(StopMatcher, RefusesWhatIsBeyondItsLimits) {
  EXPECT_ERROR(StopMatcher::Create({""}), Code::kUsage,
               "stop[0] has 0 bytes; it must have 1 to 256");
  EXPECT_ERROR(StopMatcher::Create({"a", std::string(257, 'x')}), Code::kUsage,
               "stop[1] has 257 bytes");
  EXPECT_ERROR(StopMatcher::Create(std::vector<std::string>(17, "a")), Code::kUsage, "at most 16");
  EXPECT_OK(StopMatcher::Create(std::vector<std::string>(16, std::string(256, 'x'))));
}

// Small alphabets make overlaps; the multi-byte one makes sequences end anywhere.
TEST(StopMatcher, AnyChunkingGivesTheSameText) {
  std::mt19937 random(7);
  const std::vector<std::string> alphabets[] = {{"a", "b"},
                                                {"a", "b", "\xC3\xA4", "\xF0\x9F\x9A\x82"}};
  for (int round = 0; round < 4000; ++round) {
    const auto& alphabet = alphabets[round % 2];
    const auto word = [&](size_t max) {
      std::string out;
      for (size_t n = 1 + random() % max; n > 0; --n) out += alphabet[random() % alphabet.size()];
      return out;
    };
    std::vector<std::string> stops;
    for (size_t n = random() % 4; n > 0; --n) stops.push_back(word(5));
    const std::string text = word(40);
    auto at_once = Make(stops);
    std::string expected = at_once.Feed(text);
    expected += at_once.Flush();
    auto pieces = Make(stops);
    std::string shown;
    for (size_t at = 0; at < text.size();) {
      const size_t size = 1 + random() % 4;
      shown += pieces.Feed(std::string_view(text).substr(at, size));
      EXPECT_EQ(Utf8CompletePrefix(shown), shown.size());
      at += size;
    }
    shown += pieces.Flush();
    ASSERT_EQ(shown, expected) << text;
    ASSERT_EQ(pieces.matched(), at_once.matched()) << text;
    // The text shown ends where the first stop string begins.
    size_t first = std::string::npos;
    for (const auto& stop : stops) first = std::min(first, text.find(stop));
    ASSERT_EQ(shown, text.substr(0, first));
  }
}

}  // namespace
}  // namespace ledge
