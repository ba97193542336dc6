// Texts of a megabyte that make a quadratic tokenizer hang: one endless word, no word at all, bytes
// that are no characters. Nothing is timed here; a tokenizer that is not n log n takes minutes.
#include <gtest/gtest.h>

#include "testing/result_matchers.h"
#include "testing/shared_data.h"
#include "testing/tokenizers.h"

namespace ledge {
namespace {

using testing::LoadTokenizer;
using testing::MakeTokenizer;

constexpr size_t kMegabyte = 1 << 20;

std::string Repeat(std::string_view part) {
  std::string text;
  while (text.size() < kMegabyte) text += part;
  return text;
}

std::vector<std::pair<std::string, std::string>> LongTexts() {
  return {{"letter", Repeat("a")},
          {"spaces", Repeat(" ")},
          {"newlines", Repeat("\n")},
          {"replacement", Repeat("\uFFFD")},
          {"invalid", Repeat("\xFF\xC3")},
          {"digits", Repeat("12345")},
          {"words", Repeat("hello ")},
          {"han", Repeat("\u6211\u60F3\u5728")},
          {"almost_special", Repeat("<|im_end|")},
          {"special", Repeat("<|im_end|>")}};
}

void ExpectAllRoundTrip(const Tokenizer& tokenizer) {
  for (const auto& [name, text] : LongTexts()) {
    SCOPED_TRACE(name);
    ASSERT_OK_AND_ASSIGN(const auto ids, tokenizer.Encode(text, {.parse_special = true}));
    ASSERT_OK_AND_ASSIGN(const auto back, tokenizer.Decode(ids, {.show_special = true}));
    EXPECT_TRUE(back == text);
  }
}

TEST(LongText, IsEncodedBySmallVocabularies) {
  ASSERT_OK_AND_ASSIGN(const auto spm, MakeTokenizer(testing::SmallSpm().vocab));
  ExpectAllRoundTrip(spm.tokenizer);
  for (const char* pre : {"llama-bpe", "default"}) {
    SCOPED_TRACE(pre);
    ASSERT_OK_AND_ASSIGN(const auto bpe, MakeTokenizer(testing::SmallBpe(pre).vocab));
    ExpectAllRoundTrip(bpe.tokenizer);
  }
}

class RealVocabulary : public ::testing::TestWithParam<const char*> {};

TEST_P(RealVocabulary, EncodesLongTexts) {
  LEDGE_SHARED_OR_SKIP(path, std::string("data/vocab/ggml-vocab-") + GetParam() + ".gguf");
  ASSERT_OK_AND_ASSIGN(const auto built, LoadTokenizer(path));
  ExpectAllRoundTrip(built.tokenizer);
}

INSTANTIATE_TEST_SUITE_P(Files, RealVocabulary,
                         ::testing::Values("llama-spm", "llama-bpe", "gpt-2"),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

// A hostile vocabulary: special tokens that share long beginnings with each other and with the
// text.
TEST(LongText, OfNearlySpecialTokensTakesLinearTime) {
  auto made = testing::SmallBpe();
  for (size_t n = 1000; n < 1010; ++n) made.Add(std::string(n, 'a') + "b", TokenType::kUserDefined);
  MarkEndOfGeneration(made.vocab);
  ASSERT_OK_AND_ASSIGN(const auto built, MakeTokenizer(made.vocab));
  const std::string text = Repeat("a") + "b";
  ASSERT_OK_AND_ASSIGN(const auto ids, built.tokenizer.Encode(text));
  ASSERT_EQ(ids.back(), static_cast<Token>(made.vocab.texts.size()) - 1);
  ASSERT_OK_AND_ASSIGN(const auto back, built.tokenizer.Decode(ids));
  EXPECT_TRUE(back == text);
}

}  // namespace
}  // namespace ledge
