#include "engine/grammar/matcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "testing/grammar_test.h"

namespace ledge {
namespace {

class MatcherTest : public testing::GrammarTest {
 protected:
  // What the mask must be: every token tried byte by byte, each on a matcher of its own.
  std::set<Token> TriedOneByOne(const Matcher& matcher) {
    std::set<Token> allowed;
    for (Token token = 0; tokenizer().IsToken(token); ++token) {
      if (tokenizer().IsEndOfGeneration(token)) {
        if (matcher.CanEnd()) allowed.insert(token);
        continue;
      }
      std::string piece;
      tokenizer().AppendPiece(token, false, piece);
      Matcher copy = matcher;
      if (!piece.empty() && copy.Accept(piece).ok()) allowed.insert(token);
    }
    return allowed;
  }
  std::set<Token> Mask(Matcher matcher) {
    const auto allowed = matcher.Allowed();
    EXPECT_OK(allowed);
    std::set<Token> tokens;
    for (Token token = 0; tokenizer().IsToken(token); ++token) {
      if ((*allowed)->Has(token)) tokens.insert(token);
    }
    return tokens;
  }
};

constexpr const char* kSchema = R"({"type":"object","properties":{
  "name":{"type":"string","maxLength":6},"tags":{"type":"array","items":{"enum":["abc","ab","x"]}},
  "next":{"anyOf":[{"$ref":"#"},{"type":"null"}]},"n":{"type":"integer","minimum":-12,"maximum":123}},
  "required":["name","n"],"additionalProperties":{"type":"boolean"}})";

TEST_F(MatcherTest, MasksAreWhatTryingEveryTokenGives) {
  std::mt19937 random(7);
  const GrammarSpec specs[] = {
      {GrammarKind::kJsonObject, ""},
      {GrammarKind::kSchema, kSchema},
      // Positions far from the bounds share what they allow; those near to them don't.
      {GrammarKind::kSchema, R"({"type":"string","minLength":40,"maxLength":75})"},
      {GrammarKind::kSchema, R"({"type":"string","pattern":"^[a-z ]{3,60}([0-9]{2}){30}$"})"},
      {GrammarKind::kGbnf, "root ::= \"{\" (\"a\" \"b\"? \" \"?){3,50} \"}\""},
      {GrammarKind::kGbnf, "root ::= [ab]* \"a\" [ab]{9} root | \"\""},
      {GrammarKind::kGbnf, "root ::= \"a\" root \"x\" | \"a\" root \"y\" | \"b\""}};
  for (const GrammarSpec& spec : specs) {
    ASSERT_OK_AND_ASSIGN(const auto matching, texts().Compiled(spec));
    for (int round = 0; round < 4; ++round) {
      Matcher matcher(matching);
      for (int step = 0; step < 40; ++step) {
        const std::set<Token> mask = Mask(matcher);
        ASSERT_EQ(mask, TriedOneByOne(matcher)) << spec.text << " step " << step;
        std::vector<Token> going_on;
        for (const Token token : mask) {
          if (!tokenizer().IsEndOfGeneration(token)) going_on.push_back(token);
        }
        if (going_on.empty()) break;
        ASSERT_OK(matcher.Accept(tokenizer().Piece(going_on[random() % going_on.size()])));
      }
    }
  }
}

TEST_F(MatcherTest, AllowsAgreesWithTheMask) {
  ASSERT_OK_AND_ASSIGN(const auto matching, texts().Compiled({GrammarKind::kSchema, kSchema}));
  Matcher matcher(matching);
  ASSERT_OK(matcher.Accept("{\"name\":\"a"));
  const auto mask = Mask(matcher);
  for (Token token = 0; tokenizer().IsToken(token); ++token) {
    std::string piece;
    tokenizer().AppendPiece(token, false, piece);
    ASSERT_OK_AND_ASSIGN(const bool allows, matcher.Allows(piece));
    EXPECT_EQ(allows, mask.contains(token)) << piece;
  }
}

TEST_F(MatcherTest, TheEndIsAllowedWhereTheTextIsWhole) {
  ASSERT_OK_AND_ASSIGN(const auto matching,
                       texts().Compiled({GrammarKind::kGbnf, "root ::= \"a\" \"b\"?"}));
  Matcher matcher(matching);
  const Token end = tokenizer().eos();
  EXPECT_FALSE(matcher.CanEnd());
  EXPECT_FALSE(Mask(matcher).contains(end));
  ASSERT_OK(matcher.Accept("a"));
  EXPECT_TRUE(matcher.CanEnd());
  EXPECT_FALSE(matcher.Complete());
  EXPECT_TRUE(Mask(matcher).contains(end));
  ASSERT_OK(matcher.Accept("b"));
  EXPECT_TRUE(matcher.Complete());
}

TEST_F(MatcherTest, CopiesGoTheirOwnWays) {
  ASSERT_OK_AND_ASSIGN(const auto matching,
                       texts().Compiled({GrammarKind::kGbnf, "root ::= \"ab\" | \"cd\""}));
  Matcher matcher(matching);
  Matcher kept = matcher;
  ASSERT_OK(matcher.Accept("a"));
  EXPECT_TRUE(kept.Accept("cd").ok());
  EXPECT_FALSE(matcher.Accept("d").ok());
}

TEST_F(MatcherTest, KnowsWhatMustCome) {
  ASSERT_OK_AND_ASSIGN(
      const auto matching,
      texts().Compiled({GrammarKind::kGbnf, "root ::= [0-9] \"abc\" (\"d\" | \"def\") \"g\""}));
  Matcher matcher(matching);
  EXPECT_EQ(matcher.Forced(10), "");
  ASSERT_OK(matcher.Accept("1"));
  EXPECT_EQ(matcher.Forced(10), "abcd");
  EXPECT_EQ(matcher.Forced(2), "ab");
}

TEST_F(MatcherTest, GoesOnWhenWhatWasRememberedIsForgotten) {
  // Each position of a long counted text is a configuration of its own.
  ASSERT_OK_AND_ASSIGN(
      const auto matching,
      texts().Compiled({GrammarKind::kGbnf, "root ::= ([a-z] [0-9]){9000} \"!\""}));
  Matcher matcher(matching);
  Matcher behind = matcher;
  for (int i = 0; i < 9000; ++i) {
    ASSERT_OK(matcher.Accept("a"));
    ASSERT_OK(matcher.Accept("1"));
  }
  ASSERT_OK(matcher.Accept("!"));
  EXPECT_TRUE(matcher.Complete());
  ASSERT_OK(behind.Accept("z9"));
  EXPECT_EQ(Mask(behind), TriedOneByOne(behind));
}

TEST_F(MatcherTest, RemembersWithinTheBudgetAndGivesBackWhatOthersNeed) {
  constexpr uint64_t kTotal = 64 << 10;
  MemoryBudget budget(kTotal);
  ASSERT_OK_AND_ASSIGN(
      const auto matching,
      texts().Compiled({GrammarKind::kGbnf, "root ::= ([a-z] [0-9]){9000} \"!\""}, &budget));
  Matcher matcher(matching);
  Matcher behind = matcher;
  for (int i = 0; i < 300; ++i) {
    ASSERT_OK(matcher.Accept("a"));
    ASSERT_EQ(Mask(matcher), TriedOneByOne(matcher)) << i;
    ASSERT_OK(matcher.Accept("1"));
    EXPECT_GT(budget.used(), 0U);
  }
  {
    ASSERT_OK_AND_ASSIGN(const Reservation all, budget.Reserve(MemoryKind::kKv, kTotal));
    EXPECT_EQ(budget.used(MemoryKind::kScratch), 0U);
    // Without any room it goes on all the same.
    ASSERT_OK(matcher.Accept("b"));
    EXPECT_EQ(Mask(matcher), TriedOneByOne(matcher));
    ASSERT_OK(behind.Accept("z9"));
    EXPECT_EQ(Mask(behind), TriedOneByOne(behind));
  }
  ASSERT_OK(behind.Accept("z9"));
  EXPECT_GT(budget.used(MemoryKind::kScratch), 0U);
}

}  // namespace
}  // namespace ledge
