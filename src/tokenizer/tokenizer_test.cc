#include "tokenizer/tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <random>
#include <thread>

#include "testing/result_matchers.h"
#include "testing/spelling.h"

namespace ledge {
namespace {

using ::testing::ElementsAre;
using testing::Make;
using testing::SmallBpe;
using testing::SmallSpm;
using testing::Spell;

TEST(SpecialTokens, AreTextUnlessAskedFor) {
  const auto built = Make(SmallBpe());
  EXPECT_THAT(Spell(built.tokenizer, "a<|im_end|>a", {.parse_special = true}),
              ElementsAre("a", "<|im_end|>", "a"));
  EXPECT_THAT(Spell(built.tokenizer, "a</s>"), ElementsAre("a", "<", "/", "s", ">"));
}

TEST(SpecialTokens, AreTextInPlainRanges) {
  const auto built = Make(SmallBpe());
  const std::string text = "<|im_end|>a<|im_end|>";
  const std::vector<TextRange> second = {{11, 21}};
  EXPECT_THAT(Spell(built.tokenizer, text, {.parse_special = true, .plain = second}),
              ElementsAre("<|im_end|>", "a", "<", "|", "i", "m", "_", "e", "n", "d", "|", ">"));
  // One byte of a token inside is enough: half of it is somebody's text.
  for (size_t byte = 0; byte < 10; ++byte) {
    const std::vector<TextRange> one = {{byte, byte + 1}};
    EXPECT_EQ(built.tokenizer.Encode(text, {.parse_special = true, .plain = one})->size(), 12u)
        << byte;
  }
  const std::vector<TextRange> between = {{10, 11}};
  EXPECT_THAT(Spell(built.tokenizer, text, {.parse_special = true, .plain = between}),
              ElementsAre("<|im_end|>", "a", "<|im_end|>"));
}

TEST(SpecialTokens, OfUsersAreAlwaysFound) {
  const auto built = Make(SmallBpe());
  EXPECT_THAT(Spell(built.tokenizer, "a<tool>a"), ElementsAre("a", "<tool>", "a"));
}

TEST(SpecialTokens, LongestMatchesFromTheLeft) {
  auto made = SmallBpe();
  for (const char* text : {"[x", "[x]", "x]y", "[x]z"}) made.Add(text, TokenType::kUserDefined);
  const auto built = Make(made);
  EXPECT_THAT(Spell(built.tokenizer, "[x]y"), ElementsAre("[x]", "y"));
  EXPECT_THAT(Spell(built.tokenizer, "[x]zx]y"), ElementsAre("[x]z", "x]y"));
}

// Against the obvious way to do it.
TEST(SpecialTokens, AreFoundAsByLookingEverywhere) {
  std::mt19937 random(1);
  for (int round = 0; round < 200; ++round) {
    auto made = SmallBpe();
    std::vector<std::string> specials;
    for (int i = 0; i < 8; ++i) {
      std::string text;
      for (size_t n = 2 + random() % 4; text.size() < n;)
        text += static_cast<char>('p' + random() % 2);
      if (std::find(specials.begin(), specials.end(), text) != specials.end()) continue;
      made.Add(text, TokenType::kUserDefined);
      specials.push_back(text);
    }
    const auto built = Make(made);
    std::string text;
    while (text.size() < 40) text += static_cast<char>('p' + random() % 2);
    std::vector<std::string> expected;
    for (size_t at = 0; at < text.size();) {
      std::string best(1, text[at]);
      for (const std::string& special : specials) {
        if (special.size() > best.size() && text.compare(at, special.size(), special) == 0)
          best = special;
      }
      expected.push_back(best);
      at += best.size();
    }
    EXPECT_EQ(Spell(built.tokenizer, text), expected) << text;
  }
}

TEST(Tokenizer, AddsWhatTheModelAsksFor) {
  auto made = SmallBpe();
  made.vocab.add_bos = true;
  made.vocab.add_eos = true;
  const auto built = Make(made);
  EXPECT_THAT(Spell(built.tokenizer, "a", {.add_special = true}), ElementsAre("<s>", "a", "</s>"));
  EXPECT_THAT(Spell(built.tokenizer, "", {.add_special = true}), ElementsAre("<s>", "</s>"));
  EXPECT_THAT(Spell(built.tokenizer, ""), ElementsAre());
}

TEST(Tokenizer, HidesControlTokensUnlessAsked) {
  const auto built = Make(SmallBpe());
  ASSERT_OK_AND_ASSIGN(const auto ids,
                       built.tokenizer.Encode("a<|im_end|><tool>", {.parse_special = true}));
  EXPECT_EQ(built.tokenizer.Decode(ids).value(), "a<tool>");
  EXPECT_EQ(built.tokenizer.Decode(ids, {.show_special = true}).value(), "a<|im_end|><tool>");
  std::string stream;
  for (const Token id : ids) built.tokenizer.AppendPiece(id, false, stream);
  EXPECT_EQ(stream, "a<tool>");
}

TEST(Tokenizer, GivesBackAnyBytes) {
  std::mt19937 random(2);
  for (const auto& made : {SmallSpm(), SmallBpe(), SmallBpe("smollm"), SmallBpe("llama-bpe"),
                           SmallBpe("default"), SmallBpe("qwen2")}) {
    const auto built = Make(made);
    for (int round = 0; round < 300; ++round) {
      std::string text;
      const std::string_view parts[] = {"hello",  " ",    "</s>",     "<tool>", "<s>",
                                        "\u00e9", "\xFF", "\xE2\x96", "12",     "\n"};
      for (size_t n = random() % 12; n > 0; --n) {
        if (random() % 2 == 0) {
          text += parts[random() % std::size(parts)];
        } else {
          text += static_cast<char>(random());
        }
      }
      if (text.find("\u2581") != std::string::npos) continue;
      for (const bool special : {false, true}) {
        ASSERT_OK_AND_ASSIGN(
            const auto ids,
            built.tokenizer.Encode(text, {.add_special = special, .parse_special = special}));
        ASSERT_OK_AND_ASSIGN(
            const auto back,
            built.tokenizer.Decode(ids, {.show_special = special, .remove_added = special}));
        EXPECT_EQ(back, text) << PrintableLine(text);
      }
    }
  }
}

TEST(Tokenizer, RefusesIdsThatAreNoTokens) {
  const auto built = Make(SmallBpe());
  const auto size = static_cast<Token>(built.tokenizer.vocab_size());
  for (const Token id :
       {-1, size, std::numeric_limits<Token>::max(), std::numeric_limits<Token>::min()}) {
    const Token ids[] = {'a', id};
    EXPECT_ERROR(built.tokenizer.Decode(ids), Code::kUsage, "not in the vocabulary");
    EXPECT_FALSE(built.tokenizer.IsControl(id));
    EXPECT_FALSE(built.tokenizer.IsEndOfGeneration(id));
  }
}

TEST(Tokenizer, RefusesTextOverTheLimit) {
  const auto built = Make(SmallBpe());
  const std::string text(kMaxTextBytes + 1, 'a');
  EXPECT_ERROR(built.tokenizer.Encode(text), Code::kUsage, "at most 67108864");
}

TEST(Tokenizer, KnowsItsVocabulary) {
  const auto built = Make(SmallSpm());
  const Tokenizer& tokenizer = built.tokenizer;
  EXPECT_EQ(tokenizer.kind(), TokenizerKind::kSpm);
  EXPECT_EQ(tokenizer.bos(), 1);
  EXPECT_EQ(tokenizer.eos(), 2);
  EXPECT_EQ(tokenizer.pad(), kNoToken);
  EXPECT_EQ(tokenizer.eot(), tokenizer.Find("<|im_end|>"));
  EXPECT_EQ(tokenizer.Find("not there"), kNoToken);
  EXPECT_TRUE(tokenizer.IsEndOfGeneration(tokenizer.Find("<|im_end|>")));
  EXPECT_TRUE(tokenizer.IsEndOfGeneration(tokenizer.eos()));
  EXPECT_FALSE(tokenizer.IsEndOfGeneration(tokenizer.bos()));
  EXPECT_TRUE(tokenizer.IsControl(tokenizer.bos()));
  EXPECT_EQ(tokenizer.Piece(tokenizer.Find("\u2581hello")), " hello");
  EXPECT_EQ(tokenizer.Piece(tokenizer.Find("<0x0A>")), "\n");
  EXPECT_EQ(Make(SmallBpe("smollm")).tokenizer.pre(), "smollm");
}

// Short texts have no cache, long ones do.
TEST(Tokenizer, RepeatedWordsComeOutAsTheFirst) {
  for (const auto& made : {SmallSpm(), SmallBpe()}) {
    const auto built = Make(made);
    const std::string part = " hello hell aab";
    std::string text;
    std::vector<std::string> expected;
    const auto once =
        Spell(built.tokenizer, built.tokenizer.adds_space_prefix() ? part.substr(1) : part);
    for (int i = 0; i < 500; ++i) {
      text += part;
      expected.insert(expected.end(), once.begin(), once.end());
    }
    EXPECT_EQ(Spell(built.tokenizer, built.tokenizer.adds_space_prefix() ? text.substr(1) : text),
              expected);
  }
}

TEST(Tokenizer, ServesThreadsAtOnce) {
  const auto built = Make(SmallSpm());
  const std::string text = "hello </s> h\u00e9llo " + std::string(3000, 'a');
  ASSERT_OK_AND_ASSIGN(const auto expected, built.tokenizer.Encode(text));
  std::vector<std::thread> threads;
  std::array<bool, 4> same{};
  for (size_t i = 0; i < same.size(); ++i) {
    threads.emplace_back([&, i] {
      same[i] = true;
      for (int k = 0; k < 20; ++k)
        same[i] = same[i] && built.tokenizer.Encode(text).value() == expected;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_THAT(same, ::testing::Each(true));
}

}  // namespace
}  // namespace ledge
