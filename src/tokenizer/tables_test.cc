#include "tokenizer/tables.h"

#include <gtest/gtest.h>

#include <cstring>

#include "testing/result_matchers.h"
#include "testing/tokenizers.h"
#include "tokenizer/table_format.h"

namespace ledge {
namespace {

using testing::SmallBpe;
using testing::SmallSpm;

std::vector<std::vector<std::byte>> SmallBlocks() {
  std::vector<std::vector<std::byte>> blocks;
  for (const auto& made : {SmallSpm(), SmallBpe()}) {
    auto block = BuildTables(made.vocab);
    if (block.ok()) blocks.push_back(std::move(block).value());
  }
  return blocks;
}

// Whatever the block holds: no crash, no endless loop.
void UseIfItOpens(std::span<const std::byte> block) {
  const auto tokenizer = Tokenizer::Open(block);
  if (!tokenizer.ok()) {
    EXPECT_EQ(tokenizer.error().code, Code::kMalformed);
    return;
  }
  for (const bool special : {false, true}) {
    const auto ids = tokenizer->Encode("hello <tool></s> h\u00e9llo\xFF aaaa 12",
                                       {.add_special = special, .parse_special = special});
    ASSERT_OK(ids);
    EXPECT_OK(tokenizer->Decode(*ids, {.show_special = true}));
  }
}

TEST(BuildTables, GivesTheSameBytesEachTime) {
  const auto first = SmallBlocks();
  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ(first, SmallBlocks());
}

TEST(BuildTables, RefusesTwoTokensOfTheSameText) {
  auto made = SmallBpe();
  made.Add("he");
  EXPECT_ERROR(BuildTables(made.vocab), Code::kMalformed, "are both \"he\"");
}

TEST(BuildTables, AcceptsSeveralEmptyTexts) {
  auto made = SmallBpe();
  made.Add("");
  made.Add("");
  EXPECT_OK(BuildTables(made.vocab));
}

TEST(BuildTables, RefusesMergesOfAbsentTokens) {
  for (const char* merge : {"zz y", "y zz", "x y"}) {
    auto made = SmallBpe();
    made.Merge(merge);
    EXPECT_ERROR(BuildTables(made.vocab), Code::kMalformed, "tokenizer.ggml.merges[9]") << merge;
  }
}

TEST(BuildTables, RefusesMergesWithoutTwoParts) {
  for (const char* merge : {"", " ", "ab", "ab ", " ab"}) {
    auto made = SmallBpe();
    made.Merge(merge);
    EXPECT_ERROR(BuildTables(made.vocab), Code::kMalformed, "tokenizer.ggml.merges[9]") << merge;
  }
}

TEST(BuildTables, TakesTheFirstOfTwoEqualMerges) {
  auto made = SmallBpe();
  auto again = SmallBpe();
  again.Merge("h e");
  ASSERT_OK_AND_ASSIGN(const auto expected, BuildTables(made.vocab));
  ASSERT_OK_AND_ASSIGN(const auto block, BuildTables(again.vocab));
  EXPECT_EQ(block, expected);
}

TEST(BuildTables, RefusesVocabulariesThatBreakTheRules) {
  auto scores = SmallSpm();
  scores.vocab.scores.pop_back();
  EXPECT_ERROR(BuildTables(scores.vocab), Code::kMalformed, "tokenizer.ggml.scores");
  auto special = SmallSpm();
  special.vocab.Special(SpecialToken::kPad) = 100000;
  EXPECT_ERROR(BuildTables(special.vocab), Code::kMalformed, "padding_token_id");
  auto pre = SmallBpe("nothing");
  EXPECT_ERROR(BuildTables(pre.vocab), Code::kUnsupported, "nothing");
}

TEST(BuildTables, RefusesTooMuchSpecialText) {
  auto made = SmallBpe();
  for (size_t i = 0; i <= kMaxSpecialBytes / kMaxTokenBytes; ++i) {
    made.Add(std::string(kMaxTokenBytes - 8, 'x') + fmt::format("{:08}", i), TokenType::kControl);
  }
  EXPECT_ERROR(BuildTables(made.vocab), Code::kMalformed, "special tokens");
}

// Every beginning and end of each token is a token too: as many merges as there can be.
TEST(BuildTables, BoundsTheMergesOfAHostileVocabulary) {
  testing::OwnedVocab made;
  made.vocab.kind = TokenizerKind::kSpm;
  for (size_t n = 1; n <= kMaxTokenBytes; ++n) made.Add(std::string(n, 'a'));
  EXPECT_ERROR(BuildTables(made.vocab), Code::kMalformed, "merges");
}

TEST(OpenTables, FailsOrWorksWithAnyByteFlipped) {
  for (auto block : SmallBlocks()) {
    for (size_t i = 0; i < block.size(); ++i) {
      for (const std::byte flip : {std::byte{0xFF}, std::byte{1}}) {
        block[i] ^= flip;
        UseIfItOpens(block);
        block[i] ^= flip;
      }
    }
  }
}

TEST(OpenTables, RefusesEveryCut) {
  for (const auto& block : SmallBlocks()) {
    for (size_t size = 0; size < block.size(); ++size) {
      EXPECT_FALSE(Tokenizer::Open(std::span(block).first(size)).ok()) << size;
    }
  }
}

TEST(OpenTables, ToleratesPaddingAndAnyMultipleOfEight) {
  const auto blocks = SmallBlocks();
  std::vector<std::byte> shifted(blocks[0].size() + 64);
  std::memcpy(shifted.data() + 8, blocks[0].data(), blocks[0].size());
  UseIfItOpens(std::span(shifted).subspan(8));
  EXPECT_OK(Tokenizer::Open(std::span(shifted).subspan(8)));
}

TEST(OpenTables, RefusesAMisalignedBlock) {
  const auto blocks = SmallBlocks();
  std::vector<std::byte> shifted(blocks[0].size() + 64);
  std::memcpy(shifted.data() + 4, blocks[0].data(), blocks[0].size());
  EXPECT_ERROR(Tokenizer::Open(std::span(shifted).subspan(4)), Code::kInternal, "multiple of 8");
}

TEST(OpenTables, NamesTheVersionItCannotRead) {
  auto block = SmallBlocks()[0];
  const uint32_t version = 77;
  std::memcpy(block.data() + offsetof(TablesHeader, version), &version, sizeof(version));
  EXPECT_ERROR(Tokenizer::Open(block), Code::kMalformed, "version is 77");
}

}  // namespace
}  // namespace ledge
