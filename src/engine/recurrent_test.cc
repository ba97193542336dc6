// Models with recurrent state behind the engine: what is kept of one request for another, and what
// is dropped and computed again, changes no token.
#include "testing/engine_bench.h"
#include "testing/packing.h"
#include "testing/tiny_models.h"

namespace ledge {
namespace {

using testing::Answer;
using testing::Collect;
using testing::EngineTest;

class RecurrentTest : public EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    auto packed = testing::PackAndOpen(testing::TinyModel("granitehybrid").Build());
    ASSERT_OK(packed);
    auto model = Model::Load(*packed);
    ASSERT_OK(model);
    Use(*model, {.max_columns = 64, .max_context = 1024});
  }
  Answer Ask(Engine& engine, const Request& request) {
    Answer answer;
    EXPECT_OK(engine.Submit(request, Collect(answer)));
    Finish(engine);
    return answer;
  }
  // `tokens` and `more` random ones.
  Request Then(std::vector<Token> tokens, uint32_t more, uint32_t seed) const {
    Request request = MakeRequest(more, 12, seed);
    request.prompt.insert(request.prompt.begin(), tokens.begin(), tokens.end());
    return request;
  }
};

TEST_F(RecurrentTest, ParallelRequestsAnswerAsEachAlone) {
  std::vector<Request> requests;
  for (uint32_t i = 0; i < 6; ++i) requests.push_back(MakeRequest(5 + i * 63, 30 + i, 100 + i));
  std::vector<Answer> alone;
  for (const Request& request : requests) alone.push_back(AnswerOf(request));
  EXPECT_EQ(Answers(requests, {.step_columns = 24, .prefill_columns = 10}), alone);
  EXPECT_EQ(Answers(requests, {.max_sequences = 3, .step_columns = 64}), alone);
}

TEST_F(RecurrentTest, TheSamePromptAgainComputesItsLastToken) {
  Engine engine(*spy_, *tokenizer_, {.kept_prefixes = 4});
  const Request request = MakeRequest(100, 20);
  const Answer first = Ask(engine, request);
  EXPECT_EQ(first.timings.cached_tokens, 0U);
  const Answer second = Ask(engine, request);
  EXPECT_EQ(second.timings.cached_tokens, 99U);
  EXPECT_EQ(second, first);
}

TEST_F(RecurrentTest, AConversationGoesOnFromItsEnd) {
  Engine engine(*spy_, *tokenizer_, {.kept_prefixes = 4});
  const Request request = MakeRequest(50, 20);
  const Answer first = Ask(engine, request);
  std::vector<Token> so_far = request.prompt;
  so_far.insert(so_far.end(), first.ids.begin(), first.ids.end());
  const Request next = Then(so_far, 30, 8);
  const Answer second = Ask(engine, next);
  EXPECT_EQ(second.timings.cached_tokens, 69U);  // the answer's last token was never computed
  EXPECT_EQ(second, AnswerOf(next));
}

TEST_F(RecurrentTest, WhereBeginningsPartIsKeptForTheThird) {
  Engine engine(*spy_, *tokenizer_, {.kept_prefixes = 8});
  const std::vector<Token> system = Prompt(90, 77);
  const std::vector<uint32_t> cached = {0, 0, 90, 90};
  for (uint32_t i = 0; i < 4; ++i) {
    const Request request = Then(system, 20, 200 + i);
    const Answer answer = Ask(engine, request);
    EXPECT_EQ(answer.timings.cached_tokens, cached[i]) << i;
    EXPECT_EQ(answer, AnswerOf(request)) << i;
  }
}

TEST_F(RecurrentTest, LongBeginningsAreSharedUpToACheckpoint) {
  Engine engine(*spy_, *tokenizer_, {.kept_prefixes = 8});
  const std::vector<Token> system = Prompt(700, 78);
  Ask(engine, Then(system, 20, 1));
  const Request request = Then(system, 20, 2);
  const Answer answer = Ask(engine, request);
  EXPECT_EQ(answer.timings.cached_tokens, 512U);
  EXPECT_EQ(answer, AnswerOf(request));
}

TEST_F(RecurrentTest, PausesTheYoungestAndGoesOnIdentically) {
  std::vector<Request> requests;
  for (uint32_t i = 0; i < 4; ++i) requests.push_back(MakeRequest(40, 300, 7 + i));
  const std::vector<Answer> roomy = Answers(requests, {.kept_prefixes = 4});
  const size_t columns = spy_->columns;
  spy_->columns = 0;
  // Room for the states of all, but not for all their pages.
  const ExecutorInfo& info = spy_->info();
  bench_->budget().SetTotal(bench_->budget().used() - bench_->budget().used(MemoryKind::kKv) +
                            4 * info.sequence_bytes + 25 * info.kv_page_bytes);
  const std::vector<Answer> tight = Answers(requests, {.kept_prefixes = 4});
  EXPECT_EQ(tight, roomy);
  EXPECT_GT(spy_->columns, columns);  // something was recomputed
}

TEST_F(RecurrentTest, AStepThatYieldsTellsNothingAndGoesOn) {
  const Request request = MakeRequest(300, 20);
  const Answer expected = AnswerOf(request);
  Answer answer;
  Engine engine(*spy_, *tokenizer_, {});
  ASSERT_OK(engine.Submit(request, Collect(answer)));
  for (int i = 0; i < 30; ++i) {
    StopFlag yield;
    yield.Set(StopFlag::Ask::kYield);
    ASSERT_OK(engine.Step(i % 2 == 0 ? yield : stop_));
  }
  Finish(engine);
  EXPECT_EQ(answer, expected);
}

TEST_F(RecurrentTest, ASequenceThatNeverFitsIsRefused) {
  Engine engine(*spy_, *tokenizer_, {});
  const ExecutorInfo& info = spy_->info();
  bench_->budget().SetTotal(bench_->budget().used() + info.sequence_bytes);
  EXPECT_ERROR(engine.Submit(MakeRequest(20, 10), nullptr), Code::kOverBudget, "memory budget");
  bench_->budget().SetTotal(bench_->budget().used() + info.sequence_bytes + info.kv_page_bytes);
  EXPECT_OK(engine.Submit(MakeRequest(20, 10), nullptr));
  Finish(engine);
}

}  // namespace
}  // namespace ledge
