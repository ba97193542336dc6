// Sequences that outgrow their context: they go on as a prompt of what is left would.
#include "testing/engine_bench.h"
#include "testing/packing.h"
#include "testing/tiny_models.h"

namespace ledge {
namespace {

using testing::Answer;
using testing::Collect;
using testing::EngineTest;

constexpr uint32_t kContext = 48;
constexpr ContextShift kShift = {.enabled = true, .keep = 5};

class ContextShiftTest : public EngineTest {
 protected:
  Request Greedy(uint32_t prompt_length, uint64_t max_tokens, uint32_t seed = 1) const {
    Request request = MakeRequest(prompt_length, max_tokens, seed);
    request.sampling.temperature = 0;
    return request;
  }

  // Token by token, each by an engine of its own.
  std::vector<Token> Expected(const Request& request) {
    std::vector<Token> window = request.prompt;
    std::vector<Token> ids;
    while (ids.size() < request.max_tokens) {
      if (window.size() > kContext) {
        const auto first = window.begin() + kShift.keep;
        window.erase(first, first + (static_cast<int>(window.size() - kShift.keep) + 1) / 2);
      }
      Request next = Greedy(1, 1);
      next.prompt = window;
      const Answer answer = AnswerOf(next, {.context = 1000});
      if (answer.ids.size() != 1) return {};
      ids.push_back(answer.ids[0]);
      window.push_back(ids.back());
    }
    return ids;
  }
};

TEST_F(ContextShiftTest, GoesOnAsAPromptOfWhatIsLeft) {
  const Request request = Greedy(30, 100);
  const Answer answer = AnswerOf(request, {.context = kContext, .shift = kShift});
  EXPECT_EQ(answer.finish, FinishReason::kLength);
  EXPECT_EQ(answer.ids, Expected(request));
  EXPECT_EQ(answer.timings.prompt_tokens, 30U);
  EXPECT_EQ(answer.timings.completion_tokens, 100U);
  EXPECT_EQ(answer.timings.dropped_tokens, 4U * 22);
}

TEST_F(ContextShiftTest, DoesSoWithRecurrentState) {
  auto packed = testing::PackAndOpen(testing::TinyModel("granitehybrid").Build());
  ASSERT_OK(packed);
  ASSERT_OK_AND_ASSIGN(auto model, Model::Load(*packed));
  Use(model, {.max_columns = 64});
  const Request request = Greedy(30, 60);
  const Answer answer = AnswerOf(request, {.context = kContext, .shift = kShift});
  EXPECT_EQ(answer.ids, Expected(request));
}

TEST_F(ContextShiftTest, APromptAsLongAsTheContextIsAnsweredToo) {
  const Request request = Greedy(kContext, 20);
  const Answer answer = AnswerOf(request, {.context = kContext, .shift = kShift});
  EXPECT_EQ(answer.ids, Expected(request));
}

TEST_F(ContextShiftTest, ALongerPromptIsRefusedAllTheSame) {
  Engine engine(*spy_, *tokenizer_, {.context = kContext, .shift = kShift});
  EXPECT_ERROR(engine.Submit(MakeRequest(kContext + 1, 1), nullptr), Code::kUsage,
               "49 tokens; must be at most the context length 48");
}

TEST_F(ContextShiftTest, TheFirstTokensAreNotComputedAgain) {
  AnswerOf(Greedy(kContext, 1), {.context = kContext, .shift = kShift});
  const size_t one = spy_->columns;
  spy_->columns = 0;
  AnswerOf(Greedy(kContext, 2), {.context = kContext, .shift = kShift});
  // 49 tokens, 5 of them kept, half of the others dropped.
  EXPECT_EQ(spy_->columns - one, 22U);
}

TEST_F(ContextShiftTest, AnswersAsAloneAndAfterPauses) {
  std::vector<Request> requests;
  for (uint32_t i = 0; i < 4; ++i) requests.push_back(MakeRequest(40, 700, 7 + i));
  const EngineOptions options = {.context = 400, .shift = kShift};
  std::vector<Answer> alone;
  for (const Request& request : requests) alone.push_back(AnswerOf(request, options));
  spy_->columns = 0;
  EXPECT_EQ(Answers(requests, options), alone);
  const size_t columns = spy_->columns;
  spy_->columns = 0;
  // Two begin with 10 pages each, and grow to 13.
  bench_->budget().SetTotal(bench_->budget().used() - bench_->budget().used(MemoryKind::kKv) +
                            22 * spy_->info().kv_page_bytes);
  EXPECT_EQ(Answers(requests, options), alone);
  EXPECT_GT(spy_->columns, columns);  // something was recomputed
  for (const Answer& answer : alone) {
    EXPECT_EQ(answer.ids.size(), 700U);
    EXPECT_GT(answer.timings.dropped_tokens, 0U);
  }
}

TEST_F(ContextShiftTest, AnAnswerWithoutALimitEndsAfterManyContexts) {
  const Answer answer = AnswerOf(Greedy(4, UINT64_MAX), {.context = 16, .shift = kShift});
  EXPECT_EQ(answer.ids.size(), 16U * kMaxShiftedContexts);
  EXPECT_EQ(answer.finish, FinishReason::kLength);
}

TEST_F(ContextShiftTest, KeepsAtMostHalfTheContext) {
  const Answer answer =
      AnswerOf(Greedy(10, 40), {.context = 16, .shift = {.enabled = true, .keep = 1000}});
  EXPECT_EQ(answer.ids.size(), 40U);
}

TEST_F(ContextShiftTest, StopStringsAndEndsWorkBeyondTheContext) {
  Request request = MakeRequest(10, 100);
  request.sampling.temperature = 2;
  for (Token token = 0; token < 300; ++token)
    request.sampling.logit_bias.push_back({token, -INFINITY});
  const EngineOptions options = {.context = 20, .shift = kShift};
  const Answer whole = AnswerOf(request, options);
  ASSERT_EQ(whole.text.size(), 400U);
  const std::string stop = whole.text.substr(300, 12);
  request.stop = {stop};
  const Answer answer = AnswerOf(request, options);
  EXPECT_EQ(answer.finish, FinishReason::kStopString);
  EXPECT_EQ(answer.text, whole.text.substr(0, whole.text.find(stop)));
}

}  // namespace
}  // namespace ledge
