#include "tokenizer/tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include <random>
#include <thread>

#include "testing/charsmaps.h"
#include "testing/result_matchers.h"
#include "testing/tokenizers.h"
#include "tokenizer/encoders.h"

namespace ledge {
namespace {

using testing::BuiltTokenizer;
using ::testing::ElementsAre;
using testing::MakeTokenizer;
using testing::SmallBpe;
using testing::SmallSpm;

// The tokens' spellings, which are easier to read than ids.
std::vector<std::string> Spell(const Tokenizer& tokenizer, std::string_view text,
                               EncodeOptions options = {}) {
  std::vector<std::string> spelled;
  const auto ids = tokenizer.Encode(text, options);
  EXPECT_OK(ids);
  if (!ids.ok()) return spelled;
  for (const Token id : *ids) spelled.emplace_back(tokenizer.TokenText(id));
  return spelled;
}

BuiltTokenizer Make(const testing::OwnedVocab& made) {
  auto built = MakeTokenizer(made.vocab);
  EXPECT_OK(built);
  return std::move(built).value();
}

TEST(SpmTokenizer, MergesByScoreBehindASpace) {
  const auto built = Make(SmallSpm());
  EXPECT_THAT(Spell(built.tokenizer, "hello hello"), ElementsAre("\u2581hello", "\u2581hello"));
  EXPECT_THAT(Spell(built.tokenizer, "hel"), ElementsAre("\u2581h", "el"));
}

TEST(SpmTokenizer, MergesTheLeftmostOfEqualScores) {
  auto made = SmallSpm();
  made.vocab.add_space_prefix = false;
  const auto built = Make(made);
  EXPECT_THAT(Spell(built.tokenizer, "aaaaa"), ElementsAre("aaaa", "a"));
  EXPECT_THAT(Spell(built.tokenizer, "aab"), ElementsAre("a", "ab"));
}

TEST(SpmTokenizer, FallsBackToBytes) {
  const auto built = Make(SmallSpm());
  EXPECT_THAT(Spell(built.tokenizer, "\u65e5"),
              ElementsAre("\u2581", "<0xE6>", "<0x97>", "<0xA5>"));
  EXPECT_THAT(Spell(built.tokenizer, "\xFFh\xE6\x97"),
              ElementsAre("\u2581", "<0xFF>", "h", "<0xE6>", "<0x97>"));
}

TEST(SpmTokenizer, FallsBackToUnknownWithoutByteTokens) {
  testing::OwnedVocab made;
  made.vocab.kind = TokenizerKind::kSpm;
  made.vocab.Special(SpecialToken::kUnk) = made.Add("<unk>", TokenType::kUnknown);
  made.Add("a");
  const auto built = Make(made);
  EXPECT_THAT(Spell(built.tokenizer, "a\u65e5\xFFz"), ElementsAre("a", "<unk>", "<unk>", "<unk>"));
}

TEST(SpmTokenizer, MergesCharactersThatAreNoTokens) {
  testing::OwnedVocab made;
  made.vocab.kind = TokenizerKind::kSpm;
  made.Add("\u65e5\u672c");
  made.Add("\u65e5\u672cx");
  const auto built = Make(made);
  EXPECT_THAT(Spell(built.tokenizer, "\u65e5\u672cx\u65e5\u672c"),
              ElementsAre("\u65e5\u672cx", "\u65e5\u672c"));
}

TEST(SpmTokenizer, NeverMakesControlTokensOfText) {
  auto made = SmallSpm();
  made.Add("</", TokenType::kNormal, 9);
  made.Add("s>", TokenType::kNormal, 9);
  made.vocab.add_space_prefix = false;
  const auto built = Make(made);
  EXPECT_THAT(Spell(built.tokenizer, "</s>"), ElementsAre("</", "s>"));
  EXPECT_THAT(Spell(built.tokenizer, "</s>", {.parse_special = true}), ElementsAre("</s>"));
  EXPECT_THAT(Spell(built.tokenizer, "<0x41>"), ::testing::Not(ElementsAre("<0x41>")));
}

TEST(SpmTokenizer, PutsTheSpaceBehindSpecialTokensToo) {
  const auto built = Make(SmallSpm());
  EXPECT_THAT(
      Spell(built.tokenizer, "hello</s>hello<tool>h", {.add_special = true, .parse_special = true}),
      ElementsAre("<s>", "\u2581hello", "</s>", "\u2581hello", "<tool>", "\u2581h"));
}

TEST(BpeTokenizer, MergesByRankInsideWords) {
  const auto built = Make(SmallBpe());
  EXPECT_THAT(Spell(built.tokenizer, "hello hello"), ElementsAre("hello", "\u0120hello"));
  EXPECT_THAT(Spell(built.tokenizer, "aaaaa"), ElementsAre("aaaa", "a"));
}

TEST(BpeTokenizer, KeepsInvalidBytes) {
  const auto built = Make(SmallBpe());
  ASSERT_OK_AND_ASSIGN(const auto ids, built.tokenizer.Encode("\xFFh\xC3"));
  EXPECT_THAT(ids, ElementsAre(0xFF, 'h', 0xC3));
}

TEST(BpeTokenizer, ReplacesInvalidBytesAndDropsOthersThatHaveNoToken) {
  testing::OwnedVocab made;
  made.vocab.kind = TokenizerKind::kBpe;
  made.vocab.pre = "gpt-2";
  for (const unsigned byte : {0xEFU, 0xBFU, 0xBDU, 0x41U}) {
    std::string text;
    Utf8Append(text, RuneOfByte(static_cast<uint8_t>(byte)));
    made.Add(std::move(text));
  }
  const auto built = Make(made);
  ASSERT_OK_AND_ASSIGN(const auto ids, built.tokenizer.Encode("A\xFF\x04"
                                                              "A"));
  EXPECT_THAT(ids, ElementsAre(3, 0, 1, 2, 3));
}

TEST(BpeTokenizer, TakesWholeWordsWhereThePreTokenizerSaysSo) {
  auto made = SmallBpe("llama-bpe");
  made.Add("xyz");  // no merge leads to it
  const auto built = Make(made);
  EXPECT_THAT(Spell(built.tokenizer, "xyz"), ElementsAre("xyz"));
  auto merging = SmallBpe("gpt-2");
  merging.Add("xyz");
  const auto other = Make(merging);
  EXPECT_THAT(Spell(other.tokenizer, "xyz"), ElementsAre("x", "y", "z"));
}

// Merges by rank over characters, <0x..> for bytes that no token stands for.
testing::OwnedVocab SmallRaw(std::string pre) {
  testing::OwnedVocab made;
  made.vocab.file = "small-raw";
  made.vocab.kind = TokenizerKind::kBpe;
  made.vocab.pre = std::move(pre);
  for (int byte = 0; byte < 256; ++byte)
    made.Add(fmt::format("<0x{:02X}>", byte), TokenType::kByte);
  for (const char* text : {"\u2581", "a", "b", "\n", "\u00e9", "ab", "\u2581ab", "\n\n"})
    made.Add(text);
  made.Merge("a b");
  made.Merge("\u2581 ab");
  return made;
}

TEST(RawBpeTokenizer, MergesCharactersAcrossSpacesButNotLines) {
  const auto built = Make(SmallRaw("gemma4"));
  EXPECT_THAT(Spell(built.tokenizer, "ab ab"), ElementsAre("ab", "\u2581ab"));
  EXPECT_THAT(Spell(built.tokenizer, "a\n\nb"), ElementsAre("a", "\n\n", "b"));
  EXPECT_THAT(Spell(built.tokenizer, "\u00e9\u00ff\xFF"),
              ElementsAre("\u00e9", "<0xC3>", "<0xBF>", "<0xFF>"));
  for (const std::string_view text : {"ab ab", "a\n\nb", "\u00e9\u00ff \xFF", "  \n", ""}) {
    ASSERT_OK_AND_ASSIGN(const auto ids, built.tokenizer.Encode(text));
    EXPECT_EQ(built.tokenizer.Decode(ids).value(), text);
  }
}

TEST(RawBpeTokenizer, TakesBreaksWholeOnlyWhereThePreTokenizerSaysSo) {
  EXPECT_THAT(Spell(Make(SmallRaw("sarvam-moe")).tokenizer, "\n\n"), ElementsAre("\n", "\n"));
}

TEST(RawBpeTokenizer, DropsSpacesAndCapitalsWhereTheModelDoes) {
  auto made = SmallRaw("whitespace");
  EXPECT_THAT(Spell(Make(made).tokenizer, " ab\u3000a\t"), ElementsAre("ab", "a"));
  EXPECT_THAT(Spell(Make(made).tokenizer, "AB"), ElementsAre("<0x41>", "<0x42>"));
  made.vocab.lowercase = true;
  EXPECT_THAT(Spell(Make(made).tokenizer, "AB"), ElementsAre("ab"));
}

testing::OwnedVocab SmallUnigram() {
  testing::OwnedVocab made;
  made.vocab.file = "small-unigram";
  made.vocab.kind = TokenizerKind::kUnigram;
  made.vocab.Special(SpecialToken::kPad) = made.Add("<pad>", TokenType::kControl);
  made.vocab.Special(SpecialToken::kEos) = made.Add("</s>", TokenType::kControl);
  made.vocab.Special(SpecialToken::kUnk) = made.Add("<unk>", TokenType::kUnknown);
  const std::pair<const char*, float> kPieces[] = {{"\u2581", -3}, {"a", -4},    {"b", -4},
                                                   {"c", -4},      {"ab", -5},   {"\u2581a", -4.5},
                                                   {"bc", -6},     {"abc", -9.5}};
  for (const auto& [text, score] : kPieces) made.Add(text, TokenType::kNormal, score);
  made.Add("<tool>", TokenType::kUserDefined);
  made.vocab.add_space_prefix = true;
  made.vocab.merge_spaces = true;
  return made;
}

TEST(UnigramTokenizer, TakesTheMostLikelyPieces) {
  const auto built = Make(SmallUnigram());
  // -4.5 - 6 beats -3 - 5 - 4 and -3 - 9.5.
  EXPECT_THAT(Spell(built.tokenizer, "abc"), ElementsAre("\u2581a", "bc"));
  EXPECT_THAT(Spell(built.tokenizer, "cab"), ElementsAre("\u2581", "c", "ab"));
}

TEST(UnigramTokenizer, JoinsSpacesAndUnknownCharacters) {
  const auto built = Make(SmallUnigram());
  EXPECT_THAT(Spell(built.tokenizer, "  a   c "), ElementsAre("\u2581a", "\u2581", "c"));
  EXPECT_THAT(Spell(built.tokenizer, "xyz"), ElementsAre("\u2581", "<unk>"));
  EXPECT_THAT(Spell(built.tokenizer, "x\xFFy a"), ElementsAre("\u2581", "<unk>", "\u2581a"));
  EXPECT_THAT(Spell(built.tokenizer, " "), ElementsAre());
  EXPECT_THAT(Spell(built.tokenizer, ""), ElementsAre());
  auto apart = SmallUnigram();
  apart.vocab.merge_spaces = false;
  EXPECT_THAT(Spell(Make(apart).tokenizer, "c  c"),
              ElementsAre("\u2581", "c", "\u2581", "\u2581", "c"));
  apart.vocab.add_space_prefix = false;
  EXPECT_THAT(Spell(Make(apart).tokenizer, "c c"), ElementsAre("c", "\u2581", "c"));
}

TEST(UnigramTokenizer, NormalisesByItsMap) {
  auto made = SmallUnigram();
  const std::string map = testing::CapitalACharsmap();
  made.vocab.charsmap = std::as_bytes(std::span(map));
  EXPECT_THAT(Spell(Make(made).tokenizer, "Abc"), ElementsAre("\u2581a", "bc"));
}

TEST(UnigramTokenizer, FindsUserDefinedTokensAndGivesTheTextBack) {
  const auto built = Make(SmallUnigram());
  EXPECT_THAT(Spell(built.tokenizer, "a<tool>b"), ElementsAre("\u2581a", "<tool>", "\u2581", "b"));
  EXPECT_THAT(Spell(built.tokenizer, "a</s>"), ElementsAre("\u2581a", "<unk>"));
  ASSERT_OK_AND_ASSIGN(const auto ids, built.tokenizer.Encode("abc cab"));
  EXPECT_EQ(built.tokenizer.Decode(ids).value(), "abc cab");
}

TEST(UnigramTokenizer, RefusesTokensThatAreTooLongAndScoresThatAreNone) {
  auto made = SmallUnigram();
  made.Add(std::string(kMaxUnigramBytes + 1, 'x'));
  EXPECT_ERROR(BuildTables(made.vocab), Code::kMalformed, "has 257 bytes");
  auto infinite = SmallUnigram();
  infinite.vocab.scores[4] = -std::numeric_limits<float>::infinity();
  EXPECT_ERROR(BuildTables(infinite.vocab), Code::kMalformed, "is not a number");
  auto nameless = SmallUnigram();
  nameless.vocab.Special(SpecialToken::kUnk) = kNoToken;
  EXPECT_ERROR(BuildTables(nameless.vocab), Code::kMalformed, "unknown_token_id");
}

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

testing::OwnedVocab SmallWordPiece() {
  testing::OwnedVocab made;
  made.vocab.file = "small-wordpiece";
  made.vocab.kind = TokenizerKind::kWordPiece;
  made.vocab.Special(SpecialToken::kUnk) = made.Add("[UNK]", TokenType::kUnknown);
  made.vocab.Special(SpecialToken::kBos) = made.Add("[CLS]", TokenType::kControl);
  made.vocab.Special(SpecialToken::kEos) = made.Add("[SEP]", TokenType::kControl);
  for (const char* text : {"\u2581un", "able", "\u2581a", "a", "\u2581,", "\u2581\u4e00"}) {
    made.Add(text);
  }
  made.vocab.add_bos = true;
  made.vocab.add_eos = true;
  made.vocab.add_space_prefix = true;
  made.vocab.lowercase = true;
  made.vocab.strip_accents = true;
  return made;
}

TEST(WordPieceTokenizer, TakesTheLongestPiecesOfEachWord) {
  const auto built = Make(SmallWordPiece());
  EXPECT_THAT(Spell(built.tokenizer, "unable a"), ElementsAre("\u2581un", "able", "\u2581a"));
  EXPECT_THAT(Spell(built.tokenizer, "una,\u4e00a"),
              ElementsAre("\u2581un", "a", "\u2581,", "\u2581\u4e00", "\u2581a"));
}

TEST(WordPieceTokenizer, RemovesCapitalsAccentsAndControls) {
  const auto built = Make(SmallWordPiece());
  EXPECT_THAT(Spell(built.tokenizer, " \u00dcN\u00c1ble\u0301\x01\uFFFD\xFF "),
              ElementsAre("\u2581un", "able"));
}

TEST(WordPieceTokenizer, TakesAWordWithoutPiecesAsUnknown) {
  const auto built = Make(SmallWordPiece());
  EXPECT_THAT(Spell(built.tokenizer, "unz a"), ElementsAre("[UNK]", "\u2581a"));
  const std::string longest = "un" + std::string(kMaxWordPieceCharacters - 2, 'a');
  EXPECT_EQ(Spell(built.tokenizer, longest).size(), kMaxWordPieceCharacters - 1);
  EXPECT_THAT(Spell(built.tokenizer, longest + "a"), ElementsAre("[UNK]"));
  EXPECT_THAT(Spell(built.tokenizer, std::string(1 << 20, 'a')), ElementsAre("[UNK]"));
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
