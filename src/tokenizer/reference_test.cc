// The tokenizers against ids that other implementations gave: llama.cpp's vocabulary tests, and the
// samples of the golden models (checked against tokenizer.json, SentencePiece and llama.cpp).
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "testing/result_matchers.h"
#include "testing/shared_data.h"
#include "testing/tokenizers.h"

namespace ledge {
namespace {

using testing::LoadTokenizer;
using testing::ReadText;

constexpr std::string_view kSeparator = "\n__ggml_vocab_test__\n";

// The last text is empty; not all lists of ids have a line for it.
std::vector<std::string> SplitTexts(const std::string& all) {
  std::vector<std::string> texts;
  for (size_t at = 0; at <= all.size();) {
    const size_t end = std::min(all.find(kSeparator, at), all.size());
    texts.push_back(all.substr(at, end - at));
    at = end + kSeparator.size();
  }
  return texts;
}

std::vector<std::vector<Token>> ReadIds(const std::string& all) {
  std::vector<std::vector<Token>> lists;
  std::istringstream lines(all);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream numbers(line);
    lists.emplace_back();
    for (Token id = 0; numbers >> id;) lists.back().push_back(id);
  }
  return lists;
}

void ExpectRoundTrip(const Tokenizer& tokenizer, const std::string& text) {
  for (const bool special : {false, true}) {
    ASSERT_OK_AND_ASSIGN(
        const auto ids, tokenizer.Encode(text, {.add_special = special, .parse_special = special}));
    ASSERT_OK_AND_ASSIGN(const auto back,
                         tokenizer.Decode(ids, {.show_special = special, .remove_added = special}));
    EXPECT_EQ(back, text);
  }
}

// WordPiece loses capitals and spaces, but what comes back must give the same ids.
void ExpectBackwards(const Tokenizer& tokenizer, const std::string& text,
                     const std::vector<Token>& ids) {
  if (tokenizer.kind() != TokenizerKind::kWordPiece) {
    ExpectRoundTrip(tokenizer, text);
    return;
  }
  if (std::find(ids.begin(), ids.end(), tokenizer.unk()) != ids.end()) return;
  ASSERT_OK_AND_ASSIGN(const auto back, tokenizer.Decode(ids));
  ASSERT_OK_AND_ASSIGN(const auto again, tokenizer.Encode(back));
  EXPECT_EQ(again, ids) << back;
}

// What stands between `before` and `behind` in the names of a folder's entries.
std::vector<std::string> NamesIn(const std::string& folder, std::string_view before,
                                 std::string_view behind) {
  const auto path = testing::SharedPath(folder);
  if (!path) return {"absent"};
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(*path)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with(before) || !name.ends_with(behind)) continue;
    names.push_back(name.substr(before.size(), name.size() - before.size() - behind.size()));
  }
  std::ranges::sort(names);
  return names;
}

std::string TestName(const ::testing::TestParamInfo<std::string>& test) {
  std::string name = test.param;
  std::ranges::replace(name, '-', '_');
  return name;
}

// So that none is lost without being missed.
TEST(Vocabularies, AreAllThere) {
  LEDGE_SHARED_OR_SKIP(folder, "data/vocab");
  for (const std::string name : {"llama-spm", "llama-bpe", "gpt-2", "falcon", "deepseek-llm",
                                 "mistral", "phi-3", "gemma3", "qwen3", "bert-bge"}) {
    EXPECT_TRUE(std::filesystem::exists(folder + "/ggml-vocab-" + name + ".gguf.inp")) << name;
  }
}

class VocabularyTest : public ::testing::TestWithParam<std::string> {};

TEST_P(VocabularyTest, GivesTheReferenceIdsAndTheTextBack) {
  const std::string name = "data/vocab/ggml-vocab-" + GetParam() + ".gguf";
  LEDGE_SHARED_OR_SKIP(path, name);
  const auto texts = SplitTexts(ReadText(path + ".inp"));
  const auto expected = ReadIds(ReadText(path + ".out"));
  ASSERT_GE(texts.size(), 40U);
  ASSERT_GE(expected.size() + 1, texts.size());
  ASSERT_LE(expected.size(), texts.size());
  ASSERT_OK_AND_ASSIGN(const auto built, LoadTokenizer(path));
  for (size_t i = 0; i < expected.size(); ++i) {
    SCOPED_TRACE(texts[i]);
    ASSERT_OK_AND_ASSIGN(const auto ids, built.tokenizer.Encode(texts[i]));
    EXPECT_EQ(ids, expected[i]);
    ExpectBackwards(built.tokenizer, texts[i], ids);
  }
}

INSTANTIATE_TEST_SUITE_P(LlamaCpp, VocabularyTest,
                         ::testing::ValuesIn(NamesIn("data/vocab", "ggml-vocab-", ".gguf.inp")),
                         TestName);

class GoldenTest : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenTest, GivesTheIdsOfTheSamples) {
  const std::string folder = "data/golden/" + GetParam();
  LEDGE_SHARED_OR_SKIP(model, folder + "/model-f32.gguf");
  LEDGE_SHARED_OR_SKIP(golden, folder + "/golden.json");
  const auto json = nlohmann::json::parse(ReadText(golden));
  const auto& samples = json.at("tokenizer_samples");
  ASSERT_FALSE(samples.empty());
  ASSERT_OK_AND_ASSIGN(const auto built, LoadTokenizer(model));
  for (const auto& sample : samples) {
    const auto text = sample.at("text").get<std::string>();
    SCOPED_TRACE(text);
    ASSERT_OK_AND_ASSIGN(const auto ids, built.tokenizer.Encode(text));
    EXPECT_EQ(ids, sample.at("ids").get<std::vector<Token>>());
    ExpectBackwards(built.tokenizer, text, ids);
  }
}

INSTANTIATE_TEST_SUITE_P(Models, GoldenTest,
                         ::testing::Values("llama", "llama-rope3", "llama-linear", "llama-yarn",
                                           "mistral-swa", "mixtral", "phi3", "gemma2", "gemma3",
                                           "qwen2", "qwen3", "qwen3-moe", "smollm3", "granite",
                                           "olmo2", "bert"),
                         TestName);

}  // namespace
}  // namespace ledge
