#include "tokenizer/merger.h"

#include <gtest/gtest.h>

#include <random>

#include "testing/result_matchers.h"
#include "testing/tokenizers.h"

namespace ledge {
namespace {

// The definition, word by word: quadratic, and easy to believe.
std::vector<uint32_t> MergeSlowly(const TableView& tables, std::vector<uint32_t> symbols) {
  for (;;) {
    std::optional<TableView::Merge> best;
    size_t at = 0;
    for (size_t i = 0; i + 1 < symbols.size(); ++i) {
      const auto merge = tables.FindPair(symbols[i], symbols[i + 1]);
      if (merge && (!best || merge->rank < best->rank)) {
        best = merge;
        at = i;
      }
    }
    if (!best) return symbols;
    symbols[at] = best->result;
    symbols.erase(symbols.begin() + static_cast<ptrdiff_t>(at) + 1);
  }
}

// Few letters and many merges of them, several with equal scores.
testing::OwnedVocab RandomSpm(std::mt19937& random) {
  testing::OwnedVocab made;
  made.vocab.kind = TokenizerKind::kSpm;
  std::vector<std::string> texts = {"a", "b", "c"};
  for (int i = 0; i < 40; ++i) {
    const std::string text = texts[random() % texts.size()] + texts[random() % texts.size()];
    if (text.size() < 12 && std::find(texts.begin(), texts.end(), text) == texts.end())
      texts.push_back(text);
  }
  for (const std::string& text : texts)
    made.Add(text, TokenType::kNormal, static_cast<float>(random() % 6));
  return made;
}

TEST(Merger, AgreesWithTheDefinitionAtAnyLength) {
  std::mt19937 random(3);
  for (int round = 0; round < 60; ++round) {
    const auto made = RandomSpm(random);
    ASSERT_OK_AND_ASSIGN(const auto block, BuildTables(made.vocab));
    const auto texts = testing::TextArray(made.vocab);
    ASSERT_OK_AND_ASSIGN(const auto tables, TableView::Open(block, texts));
    Merger merger(tables);
    for (size_t n : {0U, 1U, 2U, 5U, 23U, 24U, 25U, 60U, 200U}) {
      std::vector<uint32_t> symbols(n);
      for (auto& symbol : symbols) symbol = static_cast<uint32_t>(random() % 3);
      const auto expected = MergeSlowly(tables, symbols);
      merger.Merge(symbols);
      EXPECT_EQ(symbols, expected);
    }
  }
}

}  // namespace
}  // namespace ledge
