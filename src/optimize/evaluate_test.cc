#include "optimize/evaluate.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include "engine/logits.h"
#include "testing/loaded_model.h"
#include "testing/result_matchers.h"
#include "testing/shared_data.h"
#include "testing/temp_dir.h"
#include "testing/tiny_llama.h"

namespace ledge {
namespace {

using testing::NativeBench;

// What llama.cpp's llama-perplexity gives for files that everybody can make:
// ../shared/data/models/REFERENCE.tsv.
struct Reference {
  const char* model;
  const char* text;
  uint32_t chunks;
  double perplexity;
  double tolerance;  // relative
};
constexpr char kWiki[] = "data/eval/wiki.test.raw";
constexpr char kStories[] = "data/eval/tinystories-sampled.txt";
constexpr Reference kReferences[] = {
    {"stories260K.gguf", kWiki, 16, 103.1860, 0.005},
    {"stories260K.gguf", kStories, 32, 2.5278, 0.005},
    {"quant/stories260K-F16.gguf", kWiki, 16, 103.1383, 0.005},
    {"quant/stories260K-F16.gguf", kStories, 32, 2.5279, 0.005},
    {"aidreams260K.gguf", kWiki, 16, 298.1660, 0.005},
    {"aidreams260K.gguf", kStories, 32, 251.6400, 0.005},
    {"llama2xs.gguf", kWiki, 16, 260.3993, 0.005},
    {"llama2xs.gguf", kStories, 32, 4.5805, 0.005},
    {"tinystories-656k/TinyStories-656K-F32.gguf", kStories, 32, 25.8858, 0.005},
    {"tinystories-656k/TinyStories-656K-pad256-F32.gguf", kStories, 32, 25.8856, 0.005},
    {"quant/TinyStories-656K-BF16.gguf", kStories, 32, 25.8825, 0.005},
    {"quant/TinyStories-656K-F16.gguf", kStories, 32, 25.8860, 0.005},
    {"quant/TinyStories-656K-Q8_0.gguf", kStories, 32, 25.8727, 0.005},
    {"quant/TinyStories-656K-pad256-Q8_0.gguf", kStories, 32, 25.8969, 0.005},
    {"quant/TinyStories-656K-Q4_0.gguf", kStories, 32, 26.8797, 0.015},
    {"quant/TinyStories-656K-Q4_1.gguf", kStories, 32, 26.3504, 0.015},
    {"quant/TinyStories-656K-pad256-Q4_0.gguf", kStories, 32, 28.3164, 0.015},
    {"quant/TinyStories-656K-pad256-Q4_K_M.gguf", kStories, 32, 27.0711, 0.015},
    {"quant/TinyStories-656K-pad256-Q4_K_S.gguf", kStories, 32, 27.0711, 0.015},
    {"quant/TinyStories-656K-IQ4_NL.gguf", kStories, 32, 26.9967, 0.015},
    {"quant/TinyStories-656K-Q5_0.gguf", kStories, 32, 26.1287, 0.015},
    {"quant/TinyStories-656K-Q5_1.gguf", kStories, 32, 26.0892, 0.015},
    {"quant/TinyStories-656K-pad256-IQ3_M.gguf", kStories, 32, 34.9720, 0.015},
    {"quant/TinyStories-656K-pad256-IQ3_S.gguf", kStories, 32, 34.9720, 0.015},
    {"quant/TinyStories-656K-pad256-IQ4_NL.gguf", kStories, 32, 27.9534, 0.015},
    {"quant/TinyStories-656K-pad256-IQ4_XS.gguf", kStories, 32, 27.7924, 0.015},
    {"quant/TinyStories-656K-pad256-Q2_K.gguf", kStories, 32, 84.7001, 0.015},
    {"quant/TinyStories-656K-pad256-Q3_K_M.gguf", kStories, 32, 33.1376, 0.015},
    {"quant/TinyStories-656K-pad256-Q3_K_S.gguf", kStories, 32, 33.1376, 0.015},
    {"quant/TinyStories-656K-pad256-Q5_K_M.gguf", kStories, 32, 25.9553, 0.015},
    {"quant/TinyStories-656K-pad256-TQ1_0.gguf", kStories, 32, 482019.6007, 0.015},
    {"quant/TinyStories-656K-pad256-TQ2_0.gguf", kStories, 32, 482019.6007, 0.015},
    {"quant/TinyStories-656K-pad256-Q6_K.gguf", kStories, 32, 26.1579, 0.015},
};

class ReferenceTest : public ::testing::TestWithParam<Reference> {};

TEST_P(ReferenceTest, PerplexityIsThatOfLlamaCpp) {
  const Reference& reference = GetParam();
  LEDGE_SHARED_OR_SKIP(gguf, std::string("data/models/") + reference.model);
  LEDGE_SHARED_OR_SKIP(text_path, reference.text);
  std::ifstream file(text_path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  ASSERT_OK_AND_ASSIGN(auto model, testing::LoadModel(gguf));
  ASSERT_OK_AND_ASSIGN(
      const Tokenizer tokenizer,
      Tokenizer::Open(model->packed().tokenizer_tables(), TokenTextsOf(model->packed().header())));
  NativeBench bench(model);
  ASSERT_OK_AND_ASSIGN(Executor * executor, bench.Make({.max_context = 128}));
  ASSERT_OK_AND_ASSIGN(
      const PerplexityReport report,
      EvaluateText(*executor, tokenizer, text, {.context = 128, .chunks = reference.chunks},
                   nullptr, StopFlag()));
  EXPECT_NEAR(report.perplexity, reference.perplexity, reference.tolerance * reference.perplexity);
  EXPECT_EQ(report.chunks, reference.chunks);
  EXPECT_EQ(report.tokens, reference.chunks * 63u);
}

// The one row without a number: its model is not among the files, and llama.cpp failed on the text.
constexpr char kNoReference[] = "zh-poem/zh-poem.gguf";

// Every row that has a number is above, and what is above is what the table says.
TEST(References, AreAllOfTheTable) {
  LEDGE_SHARED_OR_SKIP(table, "data/models/REFERENCE.tsv");
  std::ifstream file(table);
  std::string line;
  std::getline(file, line);
  int numbers = 0;
  while (std::getline(file, line)) {
    std::istringstream columns(line);
    std::string model;
    std::string perplexity;
    std::getline(columns, model, '\t');
    const std::string row = model;
    // Some stand in folders of their names in the table, and without them beside it.
    if (!testing::SharedPath("data/models/" + model)) model = model.substr(model.find('/') + 1);
    const bool there = testing::SharedPath("data/models/" + model).has_value();
    const int before = numbers;
    for (const char* const text : {kWiki, kStories}) {
      std::getline(columns, perplexity, '\t');
      if (perplexity.empty() || perplexity == "fail") continue;
      EXPECT_TRUE(std::ranges::any_of(kReferences,
                                      [&](const Reference& reference) {
                                        return reference.model == model &&
                                               std::string_view(reference.text) == text &&
                                               reference.perplexity == std::stod(perplexity);
                                      }))
          << model << " " << text;
      ++numbers;
    }
    if (numbers > before) {
      EXPECT_TRUE(there) << model << " has a number and is not there";
      continue;
    }
    EXPECT_EQ(row, kNoReference) << "has no number";
    EXPECT_FALSE(there) << model << ": what could be held against it?";
    std::cout << row << ": nothing to compare with, neither model nor number\n";
  }
  EXPECT_EQ(numbers, static_cast<int>(std::size(kReferences)));
}

INSTANTIATE_TEST_SUITE_P(Files, ReferenceTest, ::testing::ValuesIn(kReferences),
                         [](const auto& test) {
                           std::string name = std::string(test.param.model) +
                                              (test.param.text == kWiki ? "_wiki" : "_stories");
                           for (char& c : name) {
                             if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
                           }
                           return name;
                         });

class PerplexityTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto model = testing::LoadModel(folder_.Write("tiny.gguf", testing::TinyLlamaFile({})));
    ASSERT_OK(model);
    model_ = *model;
    for (uint32_t i = 0; i < 333; ++i) tokens_.push_back(static_cast<Token>(3 + i * i % 300));
  }
  testing::TempDir folder_;
  std::shared_ptr<const Model> model_;
  std::vector<Token> tokens_;
  StopFlag stop_;
};

// The definition, written down as plainly as it can be.
TEST_F(PerplexityTest, IsTheExponentialOfTheMeanOverSecondHalves) {
  NativeBench bench(model_);
  ASSERT_OK_AND_ASSIGN(Executor * executor, bench.Make({.max_columns = 100}));
  const WindowOptions options{.context = 32, .bos = 1};
  int calls = 0;
  ASSERT_OK_AND_ASSIGN(const PerplexityReport report,
                       Perplexity(
                           *executor, tokens_, options,
                           [&](uint32_t total, const PerplexityReport& so_far) {
                             EXPECT_EQ(total, 10u);
                             EXPECT_EQ(so_far.chunks, static_cast<uint32_t>(++calls));
                           },
                           stop_));
  std::vector<double> scores;
  for (size_t window = 0; window < 10; ++window) {
    std::vector<Token> ids(tokens_.begin() + static_cast<std::ptrdiff_t>(window * 32),
                           tokens_.begin() + static_cast<std::ptrdiff_t>(window * 32 + 32));
    ids[0] = 1;
    ASSERT_OK_AND_ASSIGN(const LogitsReport logits, ComputeLogits(*executor, ids, 0, stop_));
    scores.insert(scores.end(), logits.nll.begin() + 16, logits.nll.end());
  }
  double mean = 0;
  for (const double score : scores) mean += score / static_cast<double>(scores.size());
  double variance = 0;
  for (const double score : scores)
    variance += (score - mean) * (score - mean) / static_cast<double>(scores.size());
  EXPECT_NEAR(report.perplexity, std::exp(mean), 1e-9 * std::exp(mean));
  EXPECT_NEAR(report.standard_error,
              std::exp(mean) * std::sqrt(variance / static_cast<double>(scores.size() - 1)), 1e-6);
  EXPECT_EQ(report.tokens, 150u);
  EXPECT_EQ(report.chunks, 10u);
  EXPECT_EQ(calls, 10);
}

TEST_F(PerplexityTest, DoesNotDependOnHowManyWindowsFit) {
  double expected = 0;
  for (const uint32_t columns : {7u, 32u, 512u}) {
    NativeBench bench(model_);
    ASSERT_OK_AND_ASSIGN(Executor * executor, bench.Make({.max_columns = columns}));
    // Room for two windows at once at most.
    bench.budget().SetTotal(bench.budget().used() + 2 * executor->info().kv_page_bytes + (1 << 20));
    ASSERT_OK_AND_ASSIGN(
        const PerplexityReport report,
        Perplexity(*executor, tokens_, {.context = 32, .chunks = 5}, nullptr, stop_));
    if (expected == 0) expected = report.perplexity;
    EXPECT_EQ(report.perplexity, expected);
    EXPECT_EQ(report.chunks, 5u);
    bench.Drop();
    EXPECT_EQ(bench.budget().used(), 0u);
  }
}

TEST_F(PerplexityTest, RefusesWhatItCanNotScore) {
  NativeBench bench(model_);
  ASSERT_OK_AND_ASSIGN(Executor * executor, bench.Make({.max_columns = 64, .max_context = 256}));
  EXPECT_ERROR(Perplexity(*executor, tokens_, {.context = 257}, nullptr, stop_), Code::kUsage,
               "must be 8 to 256");
  EXPECT_ERROR(Perplexity(*executor, tokens_, {.context = 4}, nullptr, stop_), Code::kUsage,
               "must be 8 to 256");
  EXPECT_ERROR(Perplexity(*executor, tokens_, {.context = 200}, nullptr, stop_), Code::kUsage,
               "at least 400");
  stop_.Set(StopFlag::Ask::kStop);
  EXPECT_ERROR(Perplexity(*executor, tokens_, {.context = 32}, nullptr, stop_), Code::kInterrupted,
               "");
}

}  // namespace
}  // namespace ledge
