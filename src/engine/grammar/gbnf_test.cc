#include "engine/grammar/gbnf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/grammar/limits.h"
#include "testing/grammar_test.h"

namespace ledge {
namespace {

using testing::GrammarTexts;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class Gbnf : public testing::GrammarTest {
 protected:
  bool Takes(const std::string& grammar, std::string_view text) const {
    return GrammarTest::Takes({GrammarKind::kGbnf, grammar}, text);
  }
  std::string Refusal(const std::string& grammar) {
    const auto compiled = CompileGrammar({GrammarKind::kGbnf, grammar});
    if (compiled.ok()) return "";
    EXPECT_EQ(compiled.error().code, Code::kUsage);
    return compiled.error().message;
  }
};

TEST_F(Gbnf, TakesWhatItsPartsSay) {
  EXPECT_TRUE(Takes("root ::= \"yes\" | \"no\"", "no"));
  EXPECT_FALSE(Takes("root ::= \"yes\" | \"no\"", "ye"));
  EXPECT_FALSE(Takes("root ::= \"yes\" | \"no\"", "nono"));
  EXPECT_TRUE(Takes("root ::= [a-cx^-]+", "abx-^"));
  EXPECT_FALSE(Takes("root ::= [a-cx^-]+", "d"));
  EXPECT_TRUE(Takes("root ::= [^a-c]*", "d\xC3\xA9\xE2\x82\xAC\xF0\x9F\x9A\x82"));
  EXPECT_FALSE(Takes("root ::= [^a-c]*", "b"));
  EXPECT_FALSE(Takes("root ::= .", "\xC3")) << "half a character";
  EXPECT_TRUE(Takes("root ::= .", "\n"));
  EXPECT_TRUE(
      Takes("root ::= \"\\x41\\u00e9\\U0001F682\\n\\\"\"", "A\xC3\xA9\xF0\x9F\x9A\x82\n\""));
  EXPECT_TRUE(Takes("root ::= [\\]\\\\\\-]{3}", "]\\-"));
}

TEST_F(Gbnf, CountsRepetitions) {
  for (const auto& [text, fits] :
       {std::pair{"", false}, {"a", false}, {"aa", true}, {"aaa", true}, {"aaaa", false}})
    EXPECT_EQ(Takes("root ::= \"a\"{2,3}", text), fits) << text;
  EXPECT_TRUE(Takes("root ::= \"a\"{2}", "aa"));
  EXPECT_TRUE(Takes("root ::= \"a\"{2,}", "aaaaa"));
  EXPECT_TRUE(Takes("root ::= (\"ab\" | [c-d]{2}){1,2} \"e\"?", "abcde"));
  EXPECT_TRUE(Takes("root ::= (\"a\"?)*", "aaa")) << "a loop around nothing ends";
  EXPECT_TRUE(Takes("root ::= ((\"a\"*)*)+", ""));
}

TEST_F(Gbnf, FollowsRulesThatCallThemselves) {
  const std::string balanced = "root ::= \"(\" root \")\" | \"\"";
  EXPECT_TRUE(Takes(balanced, "((()))"));
  EXPECT_FALSE(Takes(balanced, "((())"));
  const std::string sums =
      "root ::= term (op term)*\nop ::= [+*]\nterm ::= [0-9]+ | \"(\" root \")\"";
  EXPECT_TRUE(Takes(sums, "1+(23*4+(5))"));
  EXPECT_FALSE(Takes(sums, "1+(23*4+(5)"));
  const std::string twice = "root ::= \"x\" | \"a\" root root";
  EXPECT_TRUE(Takes(twice, "aaxxaxx"));
  EXPECT_FALSE(Takes(twice, "aax"));
}

TEST_F(Gbnf, ListsByRightRecursionNeedNoDepth) {
  EXPECT_TRUE(Takes("root ::= \"a\" root | \"b\"", std::string(5000, 'a') + "b"));
}

TEST_F(Gbnf, WhatWouldNestTooDeeplyMayNotBegin) {
  const auto matching = texts().Compiled({GrammarKind::kGbnf, "root ::= \"(\" root \")\" | \"x\""});
  ASSERT_OK(matching);
  Matcher matcher(*matching);
  size_t depth = 0;
  while (matcher.Accept("(").ok()) ++depth;
  EXPECT_GT(depth, 100u);
  EXPECT_LE(depth, grammar::kMaxStackDepth);
  // One that heeds the masks still comes to an end.
  Matcher again(*matching);
  for (size_t i = 0; i < depth; ++i) ASSERT_OK(again.Accept("("));
  ASSERT_OK_AND_ASSIGN(const TokenSet* allowed, again.Allowed());
  EXPECT_FALSE(allowed->Has(tokenizer().Find("(")));
  EXPECT_TRUE(allowed->Has(tokenizer().Find("x")));
}

TEST_F(Gbnf, ReadsCommentsAndLines) {
  EXPECT_TRUE(
      Takes("# first\nroot ::= # second\n  \"a\" |\n  b # third\n\nb ::= (\n\"c\"\n)\n", "c"));
  EXPECT_TRUE(Takes("root ::= \"#\"", "#"));
  EXPECT_TRUE(Takes("root ::= \"a\"\r\n", "a"));
}

TEST_F(Gbnf, RefusesWithThePlace) {
  EXPECT_THAT(Refusal(""), HasSubstr("no rule 'root'"));
  EXPECT_THAT(Refusal("root ::= \"a"), StartsWith("grammar 1:"));
  EXPECT_THAT(Refusal("root ::= a\n"), HasSubstr("grammar 1:10: rule 'a' is used but not defined"));
  EXPECT_THAT(Refusal("root ::= \"a\"\nroot ::= \"b\""), HasSubstr("grammar 2:1: rule 'root'"));
  EXPECT_THAT(Refusal("root ::= [a"), HasSubstr("has no end"));
  EXPECT_THAT(Refusal("root ::= [z-a]"), HasSubstr("other way round"));
  EXPECT_THAT(Refusal("root ::= (\"a\""), HasSubstr("must be ')'"));
  EXPECT_THAT(Refusal("root ::= \"a\" )"), HasSubstr("grammar 1:14: ')'"));
  EXPECT_THAT(Refusal("root ::= \"\\q\""), HasSubstr("'q' behind a backslash"));
  EXPECT_THAT(Refusal("root ::= \"\\ud800\""), HasSubstr("no surrogate"));
  EXPECT_THAT(Refusal("root ::= \"a\"{3,2}"), HasSubstr("a repetition that can't be"));
  EXPECT_THAT(Refusal("root ::= \"a\"{99999999}"), HasSubstr("up to 16384"));
  EXPECT_THAT(Refusal("root ::= \"\xFF\""), HasSubstr("byte 0xFF is no UTF-8"));
  EXPECT_THAT(Refusal(std::string("root ::= \"\0\"", 12)), HasSubstr("a byte 0"));
  EXPECT_THAT(Refusal("root ::= <[12]>"), HasSubstr("tokens can't be named"));
  EXPECT_THAT(Refusal("root = \"a\""), HasSubstr("must be ::="));
}

TEST_F(Gbnf, RefusesLeftRecursionByName) {
  EXPECT_THAT(Refusal("root ::= root \"a\" | \"b\""), HasSubstr("rule 'root' calls itself"));
  EXPECT_THAT(Refusal("root ::= a\na ::= b? c\nb ::= \"x\"\nc ::= a \"y\""),
              HasSubstr("left recursion"));
  EXPECT_THAT(Refusal("root ::= (\"a\"? | \"b\"){0,3} root"), HasSubstr("left recursion"));
}

TEST_F(Gbnf, RefusesWhatNoTextMatches) {
  EXPECT_THAT(Refusal("root ::= \"a\" root"), HasSubstr("no text can match"));
  EXPECT_THAT(Refusal("root ::= \"a\" []"), HasSubstr("no text can match"));
}

TEST_F(Gbnf, WhatLeadsNowhereIsNotBegun) {
  EXPECT_FALSE(Takes("root ::= \"a\" | \"b\" x\nx ::= \"c\" x", "b"));
  const auto matching =
      texts().Compiled({GrammarKind::kGbnf, "root ::= \"a\" | \"b\" x\nx ::= \"c\" x"});
  ASSERT_OK(matching);
  Matcher matcher(*matching);
  EXPECT_FALSE(matcher.Accept("b").ok());
}

TEST_F(Gbnf, HostileGrammarsAreRefusedOrBounded) {
  EXPECT_THAT(Refusal(std::string(grammar::kMaxGrammarBytes + 1, ' ')),
              HasSubstr("must be at most"));
  EXPECT_THAT(Refusal("root ::= " + std::string(1000, '(') + "\"a\"" + std::string(1000, ')')),
              HasSubstr("nest deeper"));
  EXPECT_THAT(Refusal("root ::= \"a\"" + std::string(10000, '?')),
              HasSubstr("too many repetitions"));
  // Sixteen thousand times sixteen thousand times sixteen thousand: rules that call each other.
  EXPECT_EQ(Refusal("root ::= (((\"ab\"|\"cd\"){9999} \"x\"){9999} \"y\"){9999}"), "");
  EXPECT_THAT(Refusal("root ::= ([a-c]{16384} [d-f]{16384} [g-i]{16384} [j-l]{16384})"),
              HasSubstr("more than"));
  // Thousands of rules that mention each other.
  std::string many;
  for (int i = 0; i < 8000; ++i) many += fmt::format("r{} ::= r{} \"a\"\n", i, i + 1);
  Refusal("root ::= r0\n" + many + "r8000 ::= \"b\"");
  // What a deterministic automaton would need 2^30 states for.
  EXPECT_TRUE(Takes("root ::= [ab]* \"a\" [ab]{30}", "a" + std::string(30, 'b')));
}

TEST_F(Gbnf, AmbiguousGrammarsStayWithinLimits) {
  // Every split of a text between two rules is a way to read it.
  const auto matching = texts().Compiled(
      {GrammarKind::kGbnf, "root ::= (a | b)* \"!\"\na ::= [a-z]{1,40} a?\nb ::= [a-z]{1,40} b?"});
  ASSERT_OK(matching);
  Matcher matcher(*matching);
  Result<void> last;
  for (int i = 0; i < 300 && last.ok(); ++i) last = matcher.Accept("a");
  if (!last.ok()) {
    EXPECT_THAT(last.error().message, HasSubstr("too many ways"));
  }
  const auto allowed = matcher.Allowed();
  if (!allowed.ok()) {
    EXPECT_THAT(allowed.error().message, HasSubstr("too many ways"));
  }
}

TEST_F(Gbnf, StacksThatDifferInTheMiddleShareTheirEnds) {
  // 2^40 ways to have come here.
  const auto matching = texts().Compiled(
      {GrammarKind::kGbnf, "root ::= \"a\" root \"x\" | \"a\" root \"y\" | \"b\""});
  ASSERT_OK(matching);
  EXPECT_TRUE(GrammarTexts::Takes(*matching, std::string(40, 'a') + "b" + std::string(40, 'x')));
}

}  // namespace
}  // namespace ledge
