// Tokenizers that no shared vocabulary has: what llama.cpp gives for the same small files, nothing
// added, the text of special tokens as text but for those of users.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "testing/result_matchers.h"
#include "testing/tiny_vocabularies.h"
#include "testing/tokenizers.h"

namespace ledge {
namespace {

using Ids = std::vector<Token>;
using testing::TinyTexts;
using testing::TinyVocabulary;

struct Reference {
  std::string_view name;
  std::vector<Ids> ids;  // of each of TinyTexts()
};

const std::vector<Reference>& References() {
  static const std::vector<Reference> references = {
      {"t5",
       {{},
        {14},
        {14, 14},
        {14, 14},
        {14, 6, 3, 6, 7},
        {8, 2, 14, 6},
        {8, 2, 5, 2, 6},
        {16, 3, 2, 3, 2},
        {12, 2, 11, 12, 7},
        {14, 7, 7, 7},
        {3, 2, 14, 2},
        {3, 2, 7, 2, 6},
        {3, 2, 14, 3, 2},
        {3, 9, 4, 8, 6, 5, 3, 9, 9},
        {8, 3, 5, 3, 6, 14, 6, 3, 9},
        {17, 14}}},
      {"t5-apart",
       {{},
        {14},
        {14, 14},
        {3, 14, 3, 14, 3},
        {14, 6, 3, 6, 7},
        {8, 2, 14, 6},
        {8, 2, 5, 2, 6},
        {16, 3, 2, 3, 2},
        {12, 2, 11, 12, 7},
        {14, 7, 7, 7},
        {3, 2, 14, 2},
        {3, 2, 7, 2, 6},
        {3, 2, 14, 3, 2},
        {3, 9, 4, 8, 6, 5, 3, 9, 9},
        {8, 3, 5, 3, 6, 14, 6, 3, 9},
        {17, 14}}},
      {"gemma4",
       {{},
        {267},
        {267, 268},
        {268, 266, 268, 266},
        {267, 261, 266, 261, 267},
        {68, 69, 70, 266, 68, 269},
        {259, 273, 260, 265, 261},
        {262, 266, 124, 266, 125},
        {271, 263, 266, 263, 267},
        {270, 270},
        {12, 268, 12},
        {230, 131, 131, 267, 230, 131, 131, 261},
        {231, 192, 163, 232, 168, 192, 268, 266, 243, 162, 155, 131},
        {269, 259, 266, 259, 261, 260, 266, 269, 269},
        {259, 266, 260, 266, 261, 268, 261, 266, 269},
        {274, 267}}},
      {"whitespace",
       {{},
        {266},
        {266, 266},
        {266, 266},
        {266, 261, 261, 266},
        {68, 69, 70, 68, 267},
        {259, 260, 261},
        {262, 124, 125},
        {269, 263, 263, 266},
        {268, 268},
        {266},
        {266, 261},
        {231, 192, 163, 232, 168, 192, 266, 243, 162, 155, 131},
        {267, 259, 259, 261, 260, 267, 267},
        {259, 260, 261, 266, 261, 267},
        {270, 266}}},
  };
  return references;
}

class TinyReferenceTest : public ::testing::TestWithParam<Reference> {};

TEST_P(TinyReferenceTest, GivesTheIdsOfLlamaCpp) {
  const auto file = TinyVocabulary(GetParam().name).Build();
  ASSERT_OK_AND_ASSIGN(const auto header, GgufHeader::Parse(file, file.size(), "tiny"));
  ASSERT_OK_AND_ASSIGN(const Vocab vocab, ReadVocab(header));
  ASSERT_OK_AND_ASSIGN(const auto built, testing::MakeTokenizer(vocab));
  ASSERT_EQ(GetParam().ids.size(), TinyTexts().size());
  for (size_t i = 0; i < TinyTexts().size(); ++i) {
    ASSERT_OK_AND_ASSIGN(const Ids ids, built.tokenizer.Encode(TinyTexts()[i]));
    EXPECT_EQ(ids, GetParam().ids[i]) << '"' << TinyTexts()[i] << '"';
  }
}

INSTANTIATE_TEST_SUITE_P(All, TinyReferenceTest, ::testing::ValuesIn(References()),
                         [](const auto& test) {
                           std::string name(test.param.name);
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

TEST(TinyReferences, AreThereForEveryVocabulary) {
  EXPECT_EQ(References().size(), TinyVocabulary::Names().size());
}

// Writes the files, and the texts, for another program: --gtest_also_run_disabled_tests, into
// $TINY_VOCABULARIES.
TEST(TinyReferences, DISABLED_WriteFiles) {
  const char* const folder = std::getenv("TINY_VOCABULARIES");
  ASSERT_NE(folder, nullptr);
  const auto write = [folder](const std::string& name, std::string_view bytes) {
    std::ofstream(folder + ("/" + name), std::ios::binary) << bytes;
  };
  for (const std::string_view name : TinyVocabulary::Names()) {
    const auto bytes = TinyVocabulary(name).Build();
    write(std::string(name) + ".gguf", {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  for (size_t i = 0; i < TinyTexts().size(); ++i)
    write(fmt::format("{:02}.txt", i), TinyTexts()[i]);
}

}  // namespace
}  // namespace ledge
