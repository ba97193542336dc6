#include "tokenizer/pre/pre_tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ledge {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Words(std::string_view pre, std::string_view text) {
  std::vector<std::string> words;
  const PreTokenizer* found = FindPreTokenizer(pre);
  if (found == nullptr) return {"no such pre-tokenizer"};
  const auto sink = [&](std::string_view word) { words.emplace_back(word); };
  ForEachWord(found->steps, text, sink);
  return words;
}

TEST(PreTokenizers, AreFoundByAnyName) {
  EXPECT_EQ(FindPreTokenizer("llama3"), FindPreTokenizer("llama-bpe"));
  EXPECT_EQ(FindPreTokenizer("llama-v3"), FindPreTokenizer("llama-bpe"));
  EXPECT_NE(FindPreTokenizer("smollm"), FindPreTokenizer("gpt-2"));
  EXPECT_EQ(FindPreTokenizer(""), nullptr);
  EXPECT_EQ(FindPreTokenizer("GPT-2"), nullptr);
}

TEST(Gpt2Words, TakeOneSpaceWithThem) {
  EXPECT_THAT(Words("gpt-2", "Hello  big world"), ElementsAre("Hello", " ", " big", " world"));
  EXPECT_THAT(Words("gpt-2", "a \n b "), ElementsAre("a", " \n", " b", " "));
  EXPECT_THAT(Words("gpt-2", "a   "), ElementsAre("a", "   "));
}

TEST(Gpt2Words, KeepContractionsOfSmallLettersApart) {
  EXPECT_THAT(Words("gpt-2", "don't we'll I'LL '"),
              ElementsAre("don", "'t", " we", "'ll", " I", "'", "LL", " '"));
  EXPECT_THAT(Words("gpt-2", "'"), ElementsAre("'"));
  EXPECT_THAT(Words("gpt-2", "'r"), ElementsAre("'", "r"));
}

TEST(Gpt2Words, TellLettersNumbersAndTheRestApart) {
  EXPECT_THAT(Words("gpt-2", "abc123!?\u00e9\u0664"),
              ElementsAre("abc", "123", "!?", "\u00e9", "\u0664"));
  EXPECT_THAT(Words("gpt-2", "a\xFF\xC3z"), ElementsAre("a", "\xFF\xC3", "z"));
  EXPECT_THAT(Words("gpt-2", "a\u3000b"), ElementsAre("a", "\u3000", "b"));
}

TEST(SmollmWords, HaveEveryDigitOnItsOwn) {
  EXPECT_THAT(Words("smollm", "in 2024, x1"),
              ElementsAre("in", " ", "2", "0", "2", "4", ",", " x", "1"));
}

TEST(Llama3Words, HaveDigitsInThrees) {
  EXPECT_THAT(Words("llama-bpe", "1234567"), ElementsAre("123", "456", "7"));
  EXPECT_THAT(Words("qwen2", "123"), ElementsAre("1", "2", "3"));
}

TEST(Llama3Words, AcceptContractionsInAnyCase) {
  EXPECT_THAT(Words("llama-bpe", "I'LL we'Re"), ElementsAre("I", "'LL", " we", "'Re"));
}

TEST(Llama3Words, TakeOneSignBeforeLetters) {
  EXPECT_THAT(Words("llama-bpe", "(abc) \tdef"), ElementsAre("(abc", ")", " ", "\tdef"));
  EXPECT_THAT(Words("llama-bpe", "!!abc"), ElementsAre("!!", "abc"));
}

TEST(Llama3Words, EndAtLineBreaks) {
  EXPECT_THAT(Words("llama-bpe", "a!\r\n\nb"), ElementsAre("a", "!\r\n\n", "b"));
  EXPECT_THAT(Words("llama-bpe", "a  \n \n  b"), ElementsAre("a", "  \n \n", " ", " b"));
  EXPECT_THAT(Words("llama-bpe", "\nb"), ElementsAre("\n", "b"));
}

TEST(DefaultWords, SetPunctuationAndNumbersApart) {
  EXPECT_THAT(Words("default", "a 12345 b=c, d"),
              ElementsAre("a", " ", "123", "45", " b", "=", "c", ",", " d"));
  EXPECT_THAT(Words("default", "it's"), ElementsAre("it", "'", "s"));
}

TEST(FalconWords, HaveSignsApartAndDigitsInThrees) {
  EXPECT_THAT(Words("falcon", "a`b 12345"), ElementsAre("a", "`", "b", " ", "123", "45"));
}

TEST(DeepseekWords, TakeAnySpaceWithThem) {
  EXPECT_THAT(Words("deepseek-llm", "a\tb\n\nc12 \u4e00\u4e01!? "),
              ElementsAre("a", "\tb", "\n", "\n", "c", "12", " ", "\u4e00\u4e01", "!?", " "));
  EXPECT_THAT(Words("deepseek-coder", "x 12"), ElementsAre("x", " ", "1", "2"));
}

TEST(DeepseekWords, HaveNumbersAndScriptsApartSinceV3) {
  EXPECT_THAT(Words("deepseek-v3", "a1234\u4e00b (c) <x>\n"),
              ElementsAre("a", "123", "4", "\u4e00", "b", " (", "c", ")", " <", "x", ">\n"));
}

TEST(BloomWords, EndAtClauses) {
  EXPECT_THAT(Words("bloom", "ab c1, d"), ElementsAre("ab", " c1", ",", " d"));
  EXPECT_THAT(Words("viking", "c12"), ElementsAre("c", "1", "2"));
}

TEST(CaseWords, EndBeforeCapitals) {
  EXPECT_THAT(Words("gpt-4o", "helloWorld HTTPServer it's"),
              ElementsAre("hello", "World", " HTTPServer", " it's"));
  EXPECT_THAT(Words("gpt-4o", "AB \u4e00A"), ElementsAre("AB", " \u4e00", "A"));
  EXPECT_THAT(Words("tekken", "it's 12/\n"), ElementsAre("it", "'s", " ", "1", "2", "/\n"));
}

TEST(KimiWords, HaveHanApart) {
  EXPECT_THAT(Words("kimi-k2", "ab\u4e00\u4e01cd"), ElementsAre("ab", "\u4e00\u4e01", "cd"));
}

TEST(NumbersFromTheirEnd, AreInThrees) {
  EXPECT_THAT(Words("superbpe", "a 12345 b"), ElementsAre("a ", "12", "345", " b"));
  EXPECT_THAT(Words("tiny_aya", "12345"), ElementsAre("12", "345"));
  EXPECT_THAT(Words("tiny_aya", "12345x"), ElementsAre("123", "45", "x"));
}

TEST(NumbersFromTheirEnd, AreCutInLinearTime) {
  const std::string digits(3'000'001, '7');
  for (const char* pre : {"superbpe", "tiny_aya", "afmoe"}) {
    const auto words = Words(pre, digits);
    EXPECT_EQ(words.size(), 1'000'001U) << pre;
    EXPECT_EQ(words.front().size(), 1U) << pre;
  }
}

TEST(ExaoneMoeWords, HangTogetherOverSpaces) {
  EXPECT_THAT(Words("exaone-moe", "ab cd  ef 1"), ElementsAre("ab cd", " ", " ef", " ", "1"));
}

TEST(MarkedWords, KeepMarks) {
  EXPECT_THAT(Words("qwen35", "a\u0301b c"), ElementsAre("a\u0301b", " c"));
  EXPECT_THAT(Words("qwen2", "a\u0301b c"), ElementsAre("a", "\u0301b", " c"));
}

TEST(PreTokenizers, CutEveryTextWithoutLoss) {
  const std::string text =
      "a\xF0\x9F \u00a0\u2028'S 12\u00b2345\r\n\t\x01\xC0'' \u0300\u4e00,,$$  ";
  for (const char* pre :
       {"gpt-2",      "smollm",         "llama-bpe",   "dbrx",     "qwen2",      "default",
        "falcon",     "deepseek-llm",   "deepseek-v3", "bloom",    "viking",     "gpt-4o",
        "tekken",     "deepseek-coder", "kimi-k2",     "tiny_aya", "youtu",      "qwen35",
        "ufakzeka",   "seed-coder",     "laguna",      "minicpm5", "glm4",       "superbpe",
        "exaone-moe", "spark2_5",       "afmoe",       "falcon3",  "modern-bert"}) {
    for (size_t begin = 0; begin < text.size(); ++begin) {
      std::string joined;
      for (const std::string& word : Words(pre, text.substr(begin))) {
        EXPECT_FALSE(word.empty());
        joined += word;
      }
      EXPECT_EQ(joined, text.substr(begin)) << pre;
    }
  }
}

TEST(Jais2Words, HaveSpacesInPowersOfTwo) {
  EXPECT_THAT(Words("jais-2", "a        b"), ElementsAre("a", "    ", "  ", " ", " b"));
  EXPECT_THAT(Words("jais-2", "a       "), ElementsAre("a", "    ", "  ", " "));
  EXPECT_THAT(Words("jais-2", "  !!   1"), ElementsAre(" ", " !!", "  ", " ", "1"));
  EXPECT_THAT(Words("jais-2", "a \n  x"), ElementsAre("a", " \n", " ", " x"));
  const auto many = Words("jais-2", std::string(1030, ' '));
  ASSERT_EQ(many.size(), 4U);
  EXPECT_EQ(many[1].size(), 512U);
  EXPECT_EQ(many[3], "  ");
}

TEST(Jais2Words, TakeManySpacesInLinearTime) {
  EXPECT_EQ(Words("jais-2", std::string(1 << 22, ' ')).size(), size_t{1 << 22} / 512);
}

TEST(ChameleonWords, SetImagesSentinelsDigitsAndSignsApart) {
  EXPECT_THAT(Words("chameleon", "<sentinel:x> IMGIMGABCDZ"),
              ElementsAre("<", "sentinel", ":", "x", ">", " ", "IMGIMGABCDZ"));
  EXPECT_THAT(Words("chameleon", "IMGIMGABCDEZ IMGIMGZ"), ElementsAre("IMGIMGABCDEZ", " IMGIMGZ"));
  EXPECT_THAT(Words("chameleon", "a     b\t\n c"),
              ElementsAre("a", "    ", " b", "\t", "\n", " c"));
  EXPECT_THAT(Words("chameleon", "it's 20!? \u20ac5"),
              ElementsAre("it", "'", "s", " ", "2", "0", "!", "?", " \u20ac", "5"));
}

TEST(RawWords, AreLinesOrWhatStandsBetweenSpaces) {
  EXPECT_THAT(Words("gemma4", "a b\n\n c"), ElementsAre("a b", "\n\n", " c"));
  EXPECT_EQ(FindPreTokenizer("granite-embed-multi-311m"), FindPreTokenizer("gemma4"));
  EXPECT_THAT(Words("sarvam-moe", "\r\n"), ElementsAre("\r", "\n"));
  EXPECT_THAT(Words("whitespace", "\u4f60 \u597d\t"), ElementsAre("\u4f60", " ", "\u597d", "\t"));
}

TEST(SharedWords, AreMergedOrTakenWholeByTheirOwnName) {
  EXPECT_EQ(Words("granite-embed-multi-97m", "AbC's 1234"), Words("gpt-4o", "AbC's 1234"));
  EXPECT_TRUE(FindPreTokenizer("granite-embed-multi-97m")->whole_words);
  EXPECT_FALSE(FindPreTokenizer("gpt-4o")->whole_words);
  EXPECT_EQ(Words("chatglm-bpe", "It's 1234 !\n"), Words("glm4", "It's 1234 !\n"));
  EXPECT_TRUE(FindPreTokenizer("glm4")->whole_words);
  EXPECT_FALSE(FindPreTokenizer("chatglm-bpe")->whole_words);
}

}  // namespace
}  // namespace ledge
