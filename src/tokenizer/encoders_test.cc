// Each kind of tokenizer on small vocabularies, by hand from its definition.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "testing/charsmaps.h"
#include "testing/result_matchers.h"
#include "testing/spelling.h"
#include "tokenizer/encoders.h"

namespace ledge {
namespace {

using ::testing::ElementsAre;
using testing::Make;
using testing::SmallBpe;
using testing::SmallSpm;
using testing::Spell;

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

}  // namespace
}  // namespace ledge
