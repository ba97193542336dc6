// tokenize and detokenize against the ids of llama.cpp's vocabulary tests.
#include <gtest/gtest.h>

#include <sstream>

#include "testing/llama_source.h"
#include "testing/packing.h"
#include "testing/program.h"
#include "testing/shared_data.h"

namespace ledge {
namespace {

using testing::AsText;
using testing::JsonOf;
using testing::Ledge;
using testing::LlamaSource;
using testing::Outcome;
using testing::ReadWholeFile;
using testing::Refused;
using testing::Succeeded;

constexpr std::string_view kSeparator = "\n__ggml_vocab_test__\n";

std::vector<std::string> SplitTexts(const std::string& all) {
  std::vector<std::string> texts;
  for (size_t at = 0; at <= all.size();) {
    const size_t end = std::min(all.find(kSeparator, at), all.size());
    texts.push_back(all.substr(at, end - at));
    at = end + kSeparator.size();
  }
  return texts;
}

// "[1,2]" from " 1 2".
std::string AsJson(const std::string& line) {
  std::istringstream numbers(line);
  std::string json;
  for (std::string number; numbers >> number;) json += (json.empty() ? "" : ",") + number;
  return "[" + json + "]\n";
}

class Vocabulary : public ::testing::TestWithParam<const char*> {};

TEST_P(Vocabulary, GivesTheReferenceIdsAndTheTextBack) {
  LEDGE_SHARED_OR_SKIP(path, std::string("data/vocab/ggml-vocab-") + GetParam() + ".gguf");
  const Ledge ledge;
  const auto texts = SplitTexts(ReadWholeFile(path + ".inp"));
  std::istringstream lines(ReadWholeFile(path + ".out"));
  size_t compared = 0;
  std::string line;
  for (size_t i = 0; i < texts.size() && std::getline(lines, line); ++i) {
    if (i % 6 != 0) continue;  // the tokenizer's own tests take all
    ++compared;
    const std::string& text = texts[i];
    SCOPED_TRACE(text);
    const Outcome ids = ledge.Run({"tokenize", path, "--no-bos"}, {.input = text});
    ASSERT_TRUE(Succeeded(ids));
    EXPECT_EQ(ids.out, AsJson(line));
    EXPECT_EQ(ids.err, "");
    EXPECT_EQ(ledge.Run({"detokenize", path, "--no-bos"}, {.input = ids.out}).out, text);
    const Outcome with_bos = ledge.Run({"tokenize", path}, {.input = text});
    EXPECT_EQ(ledge.Run({"detokenize", path}, {.input = with_bos.out}).out, text);
  }
  EXPECT_GE(compared, 7U);
  EXPECT_TRUE(ledge.Files().empty());
}

INSTANTIATE_TEST_SUITE_P(Shared, Vocabulary, ::testing::Values("llama-spm", "llama-bpe", "gpt-2"),
                         [](const auto& test) {
                           std::string name = test.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(Tokenize, TakesAnyBytesAndManyOfThem) {
  LEDGE_SHARED_OR_SKIP(path, "data/vocab/ggml-vocab-llama-spm.gguf");
  const Ledge ledge;
  std::string every;
  for (int byte = 0; byte < 256; ++byte) every.push_back(static_cast<char>(byte));
  std::string many;
  while (many.size() < 1'000'000) many += every;
  for (const std::string& text : {std::string(), every, many, std::string(1'000'000, 'a')}) {
    const Outcome ids = ledge.Run({"tokenize", path}, {.input = text});
    ASSERT_TRUE(Succeeded(ids));
    EXPECT_TRUE(JsonOf(ids).is_array());
    EXPECT_TRUE(ledge.Run({"detokenize", path}, {.input = ids.out}).out == text) << text.size();
  }
}

TEST(Tokenize, AddsWhatTheModelAsksForAndReadsSpecialTokensUnlessTold) {
  const Ledge ledge;
  const std::string path = ledge.folder().Write("tiny.gguf", AsText(LlamaSource().Build()));
  const auto ids = [&](const testing::Arguments& flags) {
    testing::Arguments arguments = {"tokenize", path};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    return JsonOf(ledge.Run(arguments, {.input = "a</s>"}));
  };
  EXPECT_EQ(ids({})[0], 1);
  EXPECT_EQ(ids({}).back(), 2);
  EXPECT_NE(ids({"--no-bos"})[0], 1);
  EXPECT_EQ(ids({"--no-bos"}).back(), 2);
  for (const auto& id : ids({"--no-special", "--no-bos"})) EXPECT_NE(id, 2);
}

TEST(Detokenize, RefusesWhatIsNoListOfIds) {
  const Ledge ledge;
  const std::string path = ledge.folder().Write("tiny.gguf", AsText(LlamaSource().Build()));
  for (const std::string text : {"[1,2", "[1,x]", "{}", "[-1]", "[1.5]", "[99999999999999999999]",
                                 "[1,40]", "[[1]]", "\x1b[2J", "[\"a\"]"}) {
    EXPECT_TRUE(Refused(ledge.Run({"detokenize", path}, {.input = text}), 2)) << text;
  }
}

}  // namespace
}  // namespace ledge
