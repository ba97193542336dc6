// Every pre-tokenizer that llama.cpp names, against the words that llama.cpp itself cuts or, where
// it only comes near the model's own expression, those of that (CONTRIBUTING.md says which).
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tokenizer/pre/pre_tokenizer.h"

namespace ledge {
namespace {

struct Reference {
  std::vector<std::string> names;
  std::vector<std::string> texts;
  std::vector<std::string> bytes;  // lengths of the words of each text
};

std::vector<Reference> References() {
  std::ifstream file("tests/data/pre_tokenizers.json");
  const auto json = nlohmann::json::parse(file, nullptr, false);
  std::vector<Reference> references;
  if (json.is_discarded()) return references;
  for (const auto& cut : json["cuts"]) {
    references.push_back({cut["names"], json["texts"], cut["bytes"]});
    if (!cut.contains("own")) continue;
    for (const auto& [text, words] : cut["own"].items())
      references.back().bytes[std::stoul(text)] = words;
  }
  return references;
}

std::string LengthsOfWords(const PreTokenizer& pre, std::string_view text) {
  std::string lengths;
  const auto sink = [&](std::string_view word) {
    lengths += (lengths.empty() ? "" : " ") + std::to_string(word.size());
  };
  ForEachWord(pre.steps, text, sink);
  return lengths;
}

class PreReferenceTest : public ::testing::TestWithParam<Reference> {};

TEST_P(PreReferenceTest, CutsAsItsModelHasLearnt) {
  const Reference& reference = GetParam();
  for (const std::string& name : reference.names) {
    SCOPED_TRACE(name);
    const PreTokenizer* const pre = FindPreTokenizer(name);
    ASSERT_NE(pre, nullptr);
    for (size_t i = 0; i < reference.texts.size(); ++i)
      EXPECT_EQ(LengthsOfWords(*pre, reference.texts[i]), reference.bytes[i])
          << '"' << reference.texts[i] << '"';
  }
}

INSTANTIATE_TEST_SUITE_P(All, PreReferenceTest, ::testing::ValuesIn(References()),
                         [](const auto& test) {
                           std::string name = test.param.names[0];
                           for (char& c : name) {
                             if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
                           }
                           return name;
                         });

TEST(PreReferences, CoverEveryNameThatIsBuiltIn) {
  const std::vector<Reference> references = References();
  if (references.empty()) GTEST_SKIP() << "not run in the project's root";
  size_t names = 0;
  for (const Reference& reference : references) names += reference.names.size();
  size_t built_in = 0;
  for (const PreTokenizer* pre : AllPreTokenizers()) built_in += pre->names.size();
  EXPECT_EQ(names, built_in);
}

}  // namespace
}  // namespace ledge
