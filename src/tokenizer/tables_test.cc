#include "tokenizer/tables.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "testing/result_matchers.h"
#include "testing/tokenizers.h"
#include "tokenizer/table_format.h"

namespace ledge {
namespace {

using testing::SmallBpe;
using testing::SmallSpm;

struct Tables {
  std::vector<std::byte> block;
  std::vector<std::byte> texts;
  bool operator==(const Tables&) const = default;
};

std::vector<Tables> SmallTables() {
  std::vector<Tables> all;
  for (const auto& made : {SmallSpm(), SmallBpe()}) {
    auto block = BuildTables(made.vocab);
    if (block.ok()) all.push_back({std::move(block).value(), testing::TextArray(made.vocab)});
  }
  return all;
}

// Whatever they hold: no crash, no endless loop.
void UseIfItOpens(std::span<const std::byte> block, std::span<const std::byte> texts) {
  const auto tokenizer = Tokenizer::Open(block, texts);
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
  const auto first = SmallTables();
  ASSERT_EQ(first.size(), 2U);
  EXPECT_EQ(first, SmallTables());
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
  made.Merge("h e");
  ASSERT_OK_AND_ASSIGN(const auto block, BuildTables(made.vocab));
  const auto texts = testing::TextArray(made.vocab);
  ASSERT_OK_AND_ASSIGN(const auto view, TableView::Open(block, texts));
  const auto merge =
      view.FindPair(static_cast<uint32_t>(view.Find("h")), static_cast<uint32_t>(view.Find("e")));
  ASSERT_TRUE(merge);
  EXPECT_EQ(merge->rank, 0u);
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

// The alphabet and `count` more tokens, each of a merge of a token and a letter.
testing::OwnedVocab GrownBpe(int count) {
  auto made = SmallBpe();
  std::vector<std::string> texts = {"a", "b", "c", "d", "e", "f", "g", "h"};
  for (size_t i = 0; count > 0; ++i) {
    for (const char letter : {'u', 'v', 'w', 'x', 'y', 'z'}) {
      texts.push_back(texts[i] + letter);
      made.Add(texts.back());
      made.Merge(texts[i] + " " + letter);
      if (--count == 0) break;
    }
  }
  return made;
}

// Small enough for numbers of 2 bytes, and not.
TEST(BuildTables, HaveAFewBytesATokenAndEveryMerge) {
  for (const auto& [count, most] : {std::pair{40000, 16}, {70000, 22}}) {
    const auto made = GrownBpe(count);
    ASSERT_OK_AND_ASSIGN(const auto block, BuildTables(made.vocab));
    EXPECT_LE(block.size(), sizeof(TablesHeader) + 4096 + static_cast<size_t>(count * most));
    const auto texts = testing::TextArray(made.vocab);
    ASSERT_OK_AND_ASSIGN(const auto view, TableView::Open(block, texts));
    for (uint32_t i = 0; i < view.size(); ++i) {
      const auto token = static_cast<Token>(i);
      ASSERT_EQ(view.Text(token), made.vocab.texts[i]);
      ASSERT_EQ(view.Find(view.Text(token)), token);
    }
    for (size_t i = 0; i < made.vocab.merges.size(); ++i) {
      const std::string_view merge = made.vocab.merges[i];
      const size_t space = merge.find(' ');
      const auto left = static_cast<uint32_t>(view.Find(merge.substr(0, space)));
      const auto right = static_cast<uint32_t>(view.Find(merge.substr(space + 1)));
      const auto found = view.FindPair(left, right);
      ASSERT_TRUE(found) << merge;
      EXPECT_EQ(found->rank, i);
      EXPECT_EQ(view.Text(static_cast<Token>(found->result)),
                std::string(merge.substr(0, space)) + std::string(merge.substr(space + 1)));
      // Behind the small vocabulary's own merges, nothing begins with the letters added.
      EXPECT_EQ(view.FindPair(right, left).has_value(), i < 9 && left == right) << merge;
    }
    for (const uint32_t none : {kRuneSymbol | 'u', kByteSymbol | 0xFF, kMissingSymbol, kNoSymbol}) {
      EXPECT_FALSE(view.FindPair(none, 0));
      EXPECT_FALSE(view.FindPair(0, none));
    }
    EXPECT_EQ(view.Find("no such token"), kNoToken);
  }
}

TEST(OpenTables, FailsOrWorksWithAnyByteFlipped) {
  for (auto [block, texts] : SmallTables()) {
    for (std::vector<std::byte>* bytes : {&block, &texts}) {
      for (std::byte& byte : *bytes) {
        for (const std::byte flip : {std::byte{0xFF}, std::byte{1}}) {
          byte ^= flip;
          UseIfItOpens(block, texts);
          byte ^= flip;
        }
      }
    }
  }
}

// Tables of a damaged file in which every merge makes its own left part: still each takes a symbol
// away.
TEST(OpenTables, MergesThatGoRoundEnd) {
  const auto made = SmallBpe();
  ASSERT_OK_AND_ASSIGN(auto block, BuildTables(made.vocab));
  TablesHeader header;
  std::memcpy(&header, block.data(), sizeof(header));
  ASSERT_EQ(header.pair_width, 2U);
  const size_t slot = kPairFields * size_t{header.pair_width};
  for (size_t at = 0; at < header.pair_slots.count; at += slot) {
    std::byte* const pair = block.data() + header.pair_slots.offset + at;
    const bool empty = pair[0] == std::byte{0xFF} && pair[1] == std::byte{0xFF};
    if (!empty) std::memcpy(pair + 3 * size_t{header.pair_width}, pair, header.pair_width);
  }
  const auto texts = testing::TextArray(made.vocab);
  ASSERT_OK_AND_ASSIGN(const auto tokenizer, Tokenizer::Open(block, texts));
  for (const size_t length : {2U, 20U, 2000U}) {
    ASSERT_OK_AND_ASSIGN(const auto ids, tokenizer.Encode(std::string(length, 'a'), {}));
    EXPECT_EQ(ids.size(), 1U) << length;
  }
}

// A mapping that is cut later reads as zeros from then on.
TEST(OpenTables, WorksOnWhenPagesTurnToZeros) {
  for (auto [block, texts] : SmallTables()) {
    ASSERT_OK_AND_ASSIGN(const auto tokenizer, Tokenizer::Open(block, texts));
    const auto use = [&] {
      const auto ids = tokenizer.Encode("hello h\u00e9llo\xFF aaaa 12", {.parse_special = true});
      if (!ids.ok()) return;
      for (const Token id : *ids) (void)tokenizer.Piece(id);
    };
    const size_t half = sizeof(TablesHeader) + (block.size() - sizeof(TablesHeader)) / 2;
    std::fill(texts.begin() + static_cast<ptrdiff_t>(texts.size() / 2), texts.end(), std::byte{0});
    use();
    std::fill(block.begin() + static_cast<ptrdiff_t>(half), block.end(), std::byte{0});
    use();
    std::fill(texts.begin(), texts.end(), std::byte{0});
    use();
  }
}

TEST(OpenTables, RefusesEveryCut) {
  for (const auto& [block, texts] : SmallTables()) {
    for (size_t size = 0; size < block.size(); ++size) {
      EXPECT_FALSE(Tokenizer::Open(std::span(block).first(size), texts).ok()) << size;
    }
    for (size_t size = 0; size < texts.size(); ++size) {
      EXPECT_FALSE(Tokenizer::Open(block, std::span(texts).first(size)).ok()) << size;
    }
  }
}

TEST(OpenTables, RefusesTextsOfAnotherVocabulary) {
  const auto all = SmallTables();
  EXPECT_ERROR(Tokenizer::Open(all[0].block, all[1].texts), Code::kMalformed, "texts");
  auto longer = all[0];
  longer.texts.resize(longer.texts.size() + 8);
  EXPECT_ERROR(Tokenizer::Open(longer.block, longer.texts), Code::kMalformed, "more texts");
}

TEST(OpenTables, ToleratesPaddingAndAnyMultipleOfEight) {
  const auto [block, texts] = SmallTables()[0];
  std::vector<std::byte> shifted(block.size() + 64);
  std::memcpy(shifted.data() + 8, block.data(), block.size());
  UseIfItOpens(std::span(shifted).subspan(8), texts);
  EXPECT_OK(Tokenizer::Open(std::span(shifted).subspan(8), texts));
}

TEST(OpenTables, RefusesAMisalignedBlock) {
  const auto [block, texts] = SmallTables()[0];
  std::vector<std::byte> shifted(block.size() + 64);
  std::memcpy(shifted.data() + 4, block.data(), block.size());
  EXPECT_ERROR(Tokenizer::Open(std::span(shifted).subspan(4), texts), Code::kInternal,
               "multiple of 8");
}

TEST(OpenTables, NamesTheVersionItCannotRead) {
  auto [block, texts] = SmallTables()[0];
  const uint32_t version = 77;
  std::memcpy(block.data() + offsetof(TablesHeader, version), &version, sizeof(version));
  EXPECT_ERROR(Tokenizer::Open(block, texts), Code::kMalformed, "version is 77");
}

}  // namespace
}  // namespace ledge
