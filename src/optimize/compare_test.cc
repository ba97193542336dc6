#include "optimize/compare.h"

#include <cmath>
#include <limits>

#include "testing/loaded_model.h"
#include "testing/result_matchers.h"
#include "testing/temp_dir.h"
#include "testing/tiny_llama.h"

namespace ledge {
namespace {

using testing::NativeBench;

constexpr float kInf = std::numeric_limits<float>::infinity();

TEST(KlDivergence, IsTheDefinition) {
  // P = (1/2, 1/4, 1/4), Q = (1/4, 1/4, 1/2); logits may be shifted.
  const float p[] = {std::log(2.0F) + 3, 3, 3};
  const float q[] = {-1, -1, std::log(2.0F) - 1};
  EXPECT_NEAR(KlDivergence(p, q), 0.5 * std::log(2.0) + 0.25 * std::log(0.5), 1e-7);
  EXPECT_NEAR(KlDivergence(p, p), 0, 1e-12);
  EXPECT_GE(KlDivergence(p, p), 0);
}

TEST(KlDivergence, TakesForbiddenTokens) {
  const float p[] = {0, -kInf, 0};
  const float q[] = {0, 0, 0};
  EXPECT_NEAR(KlDivergence(p, q), std::log(1.5), 1e-7);
  EXPECT_EQ(KlDivergence(q, p), std::numeric_limits<double>::infinity());
}

class CompareTest : public ::testing::Test {
 protected:
  std::shared_ptr<const Model> Load(const testing::TinyLlama& shape) {
    auto model = testing::LoadModel(folder_.Write("tiny.gguf", testing::TinyLlamaFile(shape)));
    EXPECT_OK(model);
    return model.ok() ? *model : nullptr;
  }
  void SetUp() override {
    for (uint32_t i = 0; i < 333; ++i) tokens_.push_back(static_cast<Token>(3 + i * i % 300));
  }
  testing::TempDir folder_;
  std::vector<Token> tokens_;
  StopFlag stop_;
};

TEST_F(CompareTest, AModelDoesNotDivergeFromItself) {
  NativeBench one(Load({})), two(Load({}));
  ASSERT_OK_AND_ASSIGN(Executor * model, one.Make());
  // Other steps and other memory: the logits are the same all the same.
  ASSERT_OK_AND_ASSIGN(Executor * baseline, two.Make({.max_columns = 40}));
  const WindowOptions options{.context = 32, .bos = 1};
  ASSERT_OK_AND_ASSIGN(const ComparisonReport report,
                       Compare(*model, *baseline, tokens_, options, nullptr, stop_));
  EXPECT_EQ(report.kl_max, 0);
  EXPECT_EQ(report.top1_agreement, 1);
  EXPECT_EQ(report.model.perplexity, report.baseline.perplexity);
  EXPECT_EQ(report.model.tokens, 150u);
  ASSERT_OK_AND_ASSIGN(const PerplexityReport alone,
                       Perplexity(*model, tokens_, options, nullptr, stop_));
  EXPECT_EQ(report.model.perplexity, alone.perplexity);
}

TEST_F(CompareTest, AnotherModelDiverges) {
  NativeBench one(Load({})), two(Load({.seed = 2}));
  ASSERT_OK_AND_ASSIGN(Executor * model, one.Make());
  ASSERT_OK_AND_ASSIGN(Executor * baseline, two.Make());
  int calls = 0;
  ASSERT_OK_AND_ASSIGN(const ComparisonReport report,
                       Compare(
                           *model, *baseline, tokens_, {.context = 32, .chunks = 4},
                           [&](uint32_t total, const ComparisonReport& so_far) {
                             EXPECT_EQ(total, 4u);
                             EXPECT_EQ(so_far.model.chunks, static_cast<uint32_t>(++calls));
                           },
                           stop_));
  EXPECT_EQ(calls, 4);
  EXPECT_GT(report.kl_mean, 0);
  EXPECT_GT(report.kl_stderr, 0);
  EXPECT_LE(report.kl_median, report.kl_p99);
  EXPECT_LE(report.kl_p99, report.kl_max);
  EXPECT_LT(report.top1_agreement, 0.5);
}

TEST_F(CompareTest, RefusesOtherVocabularies) {
  NativeBench one(Load({})), two(Load({.vocabulary = 400}));
  ASSERT_OK_AND_ASSIGN(Executor * model, one.Make());
  ASSERT_OK_AND_ASSIGN(Executor * baseline, two.Make());
  EXPECT_ERROR(Compare(*model, *baseline, tokens_, {.context = 32}, nullptr, stop_), Code::kUsage,
               "307 and 400");
}

}  // namespace
}  // namespace ledge
