#include "tokenizer/hf_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "testing/hf_tokenizers.h"
#include "testing/result_matchers.h"
#include "testing/shared_data.h"

namespace ledge {
namespace {

using testing::ReadText;

std::string Small(std::string_view change_from = "", std::string_view change_to = "") {
  std::string text = R"({"added_tokens":[{"id":3,"content":"<s>","special":true},
    {"id":4,"content":"<tool>","special":false}],
    "normalizer":null,"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false},
    "post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<s>"}},
      {"Sequence":{"id":"A"}}]},
    "model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]}})";
  if (!change_from.empty()) {
    const size_t at = text.find(change_from);
    EXPECT_NE(at, std::string::npos) << change_from;
    text.replace(at, change_from.size(), change_to);
  }
  return text;
}
Result<HfTokenizer> Read(std::string_view json, std::string_view config = "") {
  return ReadHfTokenizer(
      {.folder = "f", .tokenizer_json = json, .tokenizer_config = config, .chat_template = {}});
}

TEST(HfTokenizer, HasWhatAGgufWouldHave) {
  ASSERT_OK_AND_ASSIGN(const auto read,
                       Read(Small(), R"({"eos_token":{"content":"<tool>"},"chat_template":
                       [{"name":"default","template":"T"},{"name":"x","template":"X"}]})"));
  EXPECT_EQ(read.model, "gpt2");
  EXPECT_EQ(read.pre, "gpt-2");
  EXPECT_EQ(read.tokens, (std::vector<std::string>{"a", "b", "ab", "<s>", "<tool>"}));
  EXPECT_EQ(read.types, (std::vector<int32_t>{1, 1, 1, 3, 4}));
  EXPECT_EQ(read.merges, std::vector<std::string>{"a b"});
  EXPECT_EQ(read.special[0], 3);
  EXPECT_EQ(read.special[1], 4);
  EXPECT_TRUE(read.add_bos);
  EXPECT_FALSE(read.add_eos);
  EXPECT_EQ(read.chat_template, "T");
}

TEST(HfTokenizer, ReadsMergesAsPairs) {
  ASSERT_OK_AND_ASSIGN(const auto read, Read(Small(R"("a b")", R"(["a","b"])")));
  EXPECT_EQ(read.merges, std::vector<std::string>{"a b"});
}

TEST(HfTokenizer, NamesIdsThatAreLeftOut) {
  ASSERT_OK_AND_ASSIGN(const auto read, Read(Small("\"id\":4", "\"id\":5")));
  ASSERT_EQ(read.tokens.size(), 6U);
  EXPECT_EQ(read.tokens[4], "[PAD4]");
  EXPECT_EQ(read.types[4], 5);
}

TEST(HfTokenizer, RefusesWhatItCannotExpress) {
  for (const auto& [from, to, named] :
       {std::array{"\"BPE\"", "\"WordLevel\"", "model.type is \"WordLevel\""},
        {"\"normalizer\":null", "\"normalizer\":{\"type\":\"Lowercase\"}", "Lowercase"},
        {"\"ByteLevel\"", "\"Whitespace\"", "Whitespace"},
        {"\"TemplateProcessing\"", "\"EndProcessing\"", "post_processor.type is \"EndProcessing\""},
        {"\"add_prefix_space\":false", "\"add_prefix_space\":true", "pre_tokenizer"}}) {
    const auto read = Read(Small(from, to));
    ASSERT_FALSE(read.ok()) << to;
    EXPECT_EQ(read.error().code, Code::kUnsupported);
    EXPECT_NE(read.error().message.find(named), std::string::npos) << read.error().message;
  }
}

TEST(HfTokenizer, RefusesHostileContents) {
  const std::string deep = std::string(1 << 20, '[');
  for (const std::string& text :
       {std::string(), std::string("{"), std::string("[]"), deep, "{\"model\":" + deep,
        Small("\"a\":0", "\"a\":-1"), Small("\"a\":0", "\"a\":1"), Small("\"a\":0", "\"a\":1e9"),
        Small("\"id\":4", "\"id\":1000000"), Small("\"id\":4", "\"id\":18446744073709551615"),
        Small("\"a b\"", "\"ab\""), Small("\"a b\"", "7"), Small("\"content\":\"<tool>\",", ""),
        Small("{\"a\":0,\"b\":1,\"ab\":2}", "[]"), Small("<tool>", "\xFF")}) {
    const auto read = Read(text);
    ASSERT_FALSE(read.ok()) << text.substr(0, 100);
    EXPECT_EQ(read.error().code, Code::kMalformed) << read.error().message;
  }
}

TEST(HfTokenizer, RefusesARoleThatIsNoToken) {
  const auto read = Read(Small(), R"({"bos_token":"<none>"})");
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().message,
            "f/tokenizer_config.json: bos_token is \"<none>\"; must be a token of tokenizer.json");
}

class HfGoldenTest : public ::testing::TestWithParam<const char*> {};

TEST_P(HfGoldenTest, GivesTheIdsOfTheSamples) {
  const std::string folder = std::string("data/golden/") + GetParam();
  LEDGE_SHARED_OR_SKIP(path, folder + "/tokenizer.json");
  LEDGE_SHARED_OR_SKIP(config, folder + "/tokenizer_config.json");
  LEDGE_SHARED_OR_SKIP(golden, folder + "/golden.json");
  const std::string text = ReadText(path);
  ASSERT_OK_AND_ASSIGN(const auto read, Read(text, ReadText(config)));
  ASSERT_OK_AND_ASSIGN(const auto built, testing::BuildHfTokenizer(read));
  const auto json = nlohmann::json::parse(ReadText(golden));
  ASSERT_FALSE(json.at("tokenizer_samples").empty());
  for (const auto& sample : json.at("tokenizer_samples")) {
    SCOPED_TRACE(sample.at("text").get<std::string>());
    ASSERT_OK_AND_ASSIGN(const auto ids,
                         built.tokenizer.Encode(sample.at("text").get<std::string>()));
    EXPECT_EQ(ids, sample.at("ids").get<std::vector<Token>>());
  }
}

INSTANTIATE_TEST_SUITE_P(Models, HfGoldenTest,
                         ::testing::Values("llama", "llama-rope3", "llama-linear", "llama-yarn",
                                           "mistral-swa", "mixtral", "phi3", "gemma2", "gemma3",
                                           "qwen2", "qwen3", "qwen3-moe", "smollm3", "granite",
                                           "olmo2", "bert"),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace ledge
