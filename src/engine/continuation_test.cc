#include "engine/continuation.h"

#include <gtest/gtest.h>

#include "testing/result_matchers.h"
#include "testing/tokenizers.h"

namespace ledge {
namespace {

std::string Printed(const Tokenizer& tokenizer, const std::vector<Token>& tokens) {
  std::string text;
  for (const Token token : tokens) text += tokenizer.Piece(token);
  return text;
}

void ExpectTextsGoOn(const testing::OwnedVocab& made) {
  auto built = testing::MakeTokenizer(made.vocab);
  ASSERT_OK(built);
  const Tokenizer& tokenizer = built->tokenizer;
  size_t some = 0;
  for (const std::string_view before : {"", "a", "{", "\"", " ", "ab", "he"}) {
    for (const std::string_view text : {"\"", "hello", "ab\": \"", " l", "}", "\xC3\xA9"}) {
      const auto tokens = ContinuationTokens(tokenizer, before, text);
      if (!tokens.empty()) {
        EXPECT_EQ(Printed(tokenizer, tokens), text) << before;
      }
      some += tokens.empty() ? 0 : 1;
    }
  }
  EXPECT_GT(some, 10u);
}

TEST(ContinuationTokens, PrintTheTextAlone) {
  ExpectTextsGoOn(testing::SmallBpe());
  ExpectTextsGoOn(testing::SmallSpm());
}

TEST(ContinuationTokens, AreNoneWhereATokenReachesOverTheBorder) {
  auto built = testing::MakeTokenizer(testing::SmallBpe().vocab);
  ASSERT_OK(built);
  const Tokenizer& tokenizer = built->tokenizer;
  const auto whole = tokenizer.Encode("hello");
  ASSERT_OK(whole);
  // Between the first two bytes of a token of several.
  const std::string first = tokenizer.Piece(whole->front());
  ASSERT_GT(first.size(), 1u);
  EXPECT_TRUE(ContinuationTokens(tokenizer, first.substr(0, 1), first.substr(1)).empty());
  EXPECT_EQ(ContinuationTokens(tokenizer, "", "hello"), *whole);
}

}  // namespace
}  // namespace ledge
