#include "engine/logits.h"

#include <cmath>
#include <limits>

#include "testing/loaded_model.h"
#include "testing/result_matchers.h"
#include "testing/temp_dir.h"
#include "testing/tiny_llama.h"

namespace ledge {
namespace {

TEST(NegativeLogLikelihood, IsThatOfSoftmax) {
  const std::vector<float> logits = {0, std::log(2.0F), std::log(5.0F)};
  EXPECT_NEAR(NegativeLogLikelihood(logits, 1), std::log(4.0), 1e-6);
  const std::vector<float> large = {1000, 1001};
  EXPECT_NEAR(NegativeLogLikelihood(large, 0), std::log(1 + std::exp(1.0)), 1e-6);
}

TEST(Greedy, TakesTheLowestIdOfEqualsAndNeverNan) {
  EXPECT_EQ(Greedy(std::vector<float>{1, 3, 3, 2}), 1);
  EXPECT_EQ(Greedy(std::vector<float>{std::numeric_limits<float>::quiet_NaN(), -5, -4}), 2);
}

class LogitsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto model =
        testing::LoadModel(folder_.Write("tiny.gguf", testing::TinyLlamaFile({.context = 64})));
    ASSERT_OK(model);
    bench_.emplace(*model);
    auto executor = bench_->Make({.max_columns = 8});
    ASSERT_OK(executor);
    executor_ = *executor;
  }
  testing::TempDir folder_;
  std::optional<testing::NativeBench> bench_;
  Executor* executor_ = nullptr;
  StopFlag stop_;
};

TEST_F(LogitsTest, ScoresEveryIdButTheFirst) {
  const std::vector<Token> ids = {1, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110};
  ASSERT_OK_AND_ASSIGN(const LogitsReport whole, ComputeLogits(*executor_, ids, 5, stop_));
  EXPECT_EQ(whole.logits.size(), 307u);
  EXPECT_EQ(whole.nll.size(), ids.size() - 1);
  ASSERT_EQ(whole.greedy.size(), 5u);
  EXPECT_EQ(whole.greedy[0], Greedy(whole.logits));
  for (size_t n = 1; n < ids.size(); ++n) {
    ASSERT_OK_AND_ASSIGN(const LogitsReport part,
                         ComputeLogits(*executor_, std::span(ids).first(n), 0, stop_));
    EXPECT_EQ(NegativeLogLikelihood(part.logits, ids[n]), whole.nll[n - 1]);
    EXPECT_TRUE(part.greedy.empty());
  }
  // Greedy tokens are what each prefix asks for.
  std::vector<Token> longer = ids;
  for (const Token token : whole.greedy) {
    ASSERT_OK_AND_ASSIGN(const LogitsReport part, ComputeLogits(*executor_, longer, 0, stop_));
    EXPECT_EQ(Greedy(part.logits), token);
    longer.push_back(token);
  }
  bench_->Drop();
  EXPECT_EQ(bench_->budget().used(), 0u);
}

TEST_F(LogitsTest, RefusesWhatItCanNotCompute) {
  const std::vector<Token> ids = {1, 2, 3};
  EXPECT_ERROR(ComputeLogits(*executor_, {}, 0, stop_), Code::kUsage, "no token ids");
  EXPECT_ERROR(ComputeLogits(*executor_, ids, 62, stop_), Code::kUsage, "3 ids and 62 tokens");
  EXPECT_ERROR(ComputeLogits(*executor_, std::vector<Token>{1, 307}, 0, stop_), Code::kUsage,
               "id 307 at index 1");
  EXPECT_ERROR(ComputeLogits(*executor_, std::vector<Token>{-1}, 0, stop_), Code::kUsage, "id -1");
  stop_.Set(StopFlag::Ask::kStop);
  EXPECT_ERROR(ComputeLogits(*executor_, ids, 0, stop_), Code::kInterrupted, "");
}

}  // namespace
}  // namespace ledge
