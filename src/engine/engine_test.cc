#include "engine/engine.h"

#include <cmath>

#include "testing/engine_bench.h"

namespace ledge {
namespace {

using testing::Answer;
using testing::Collect;
using testing::EngineTest;

TEST_F(EngineTest, AnswersAndTellsHowItWent) {
  const Answer answer = AnswerOf(MakeRequest(10, 20));
  EXPECT_EQ(answer.ids.size(), 20u);
  EXPECT_EQ(answer.finish, FinishReason::kLength);
  EXPECT_EQ(answer.timings.prompt_tokens, 10u);
  EXPECT_EQ(answer.timings.completion_tokens, 20u);
  EXPECT_GT(answer.timings.to_first_token.count(), 0);
  EXPECT_GE(answer.timings.total, answer.timings.to_first_token);
  EXPECT_EQ(answer.events_after_finish, 0);
  EXPECT_TRUE(answer.valid_utf8);
  EXPECT_EQ(FinishReasonName(answer.finish), "length");
}

TEST_F(EngineTest, ParallelRequestsAnswerAsEachAlone) {
  std::vector<Request> requests;
  for (uint32_t i = 0; i < 8; ++i) requests.push_back(MakeRequest(5 + i * 17, 30 + i, 100 + i));
  requests[3].sampling.temperature = 0;
  requests[5].sampling.repeat_penalty = 1.3F;
  std::vector<Answer> alone;
  for (const Request& request : requests) alone.push_back(AnswerOf(request));
  spy_->widest = 0;
  EXPECT_EQ(Answers(requests, {.step_columns = 24, .prefill_columns = 10}), alone);
  EXPECT_EQ(spy_->widest, 24u);
  EXPECT_EQ(Answers(requests, {.max_sequences = 3, .step_columns = 64}), alone);
  // Fewer columns than sequences: they take turns.
  EXPECT_EQ(Answers(requests, {.step_columns = 3}), alone);
}

TEST_F(EngineTest, PausesTheYoungestAndGoesOnIdentically) {
  std::vector<Request> requests;
  for (uint32_t i = 0; i < 4; ++i) requests.push_back(MakeRequest(40, 500, 7 + i));
  const std::vector<Answer> roomy = Answers(requests, {});
  const size_t columns = spy_->columns;
  spy_->columns = 0;
  // Every one needs 17 pages at its end; there are 41.
  bench_->budget().SetTotal(bench_->budget().used() - bench_->budget().used(MemoryKind::kKv) +
                            41 * spy_->info().kv_page_bytes);
  const std::vector<Answer> tight = Answers(requests, {});
  EXPECT_EQ(tight, roomy);
  for (const Answer& answer : tight) EXPECT_EQ(answer.ids.size(), 500u);
  EXPECT_GT(spy_->columns, columns);  // something was recomputed
}

TEST_F(EngineTest, ComputesOnlyWhatAnEarlierRequestHasNot) {
  Request first = MakeRequest(100, 20);
  Answer answer;
  Engine engine(*spy_, *tokenizer_, {.kept_prefixes = 2});
  ASSERT_OK(engine.Submit(first, Collect(answer)));
  Finish(engine);
  EXPECT_EQ(answer.timings.cached_tokens, 0u);

  // The next turn: prompt, answer, and something new.
  Request next = MakeRequest(1, 20, 7);
  next.prompt = first.prompt;
  next.prompt.insert(next.prompt.end(), answer.ids.begin(), answer.ids.end());
  const auto more = Prompt(30, 9);
  next.prompt.insert(next.prompt.end(), more.begin(), more.end());
  Answer second;
  const size_t before = spy_->columns;
  ASSERT_OK(engine.Submit(next, Collect(second)));
  Finish(engine);
  EXPECT_EQ(second.timings.cached_tokens, 119u);  // the answer's last token was never computed
  EXPECT_EQ(spy_->columns - before, next.prompt.size() - 119 + 19);
  EXPECT_EQ(second, AnswerOf(next));

  // The same prompt again still computes its last token.
  Answer again;
  ASSERT_OK(engine.Submit(next, Collect(again)));
  Finish(engine);
  EXPECT_EQ(again.timings.cached_tokens, next.prompt.size() - 1);
  EXPECT_EQ(again, second);
}

TEST_F(EngineTest, ClientsSharePrefixesOnlyWhereTheyAreToldTo) {
  for (const bool shared : {false, true}) {
    Engine engine(*spy_, *tokenizer_, {.kept_prefixes = 2, .share_prefixes = shared});
    for (const char* client : {"anna", "ben"}) {
      Request request = MakeRequest(100, 1);
      request.client = client;
      Answer answer;
      ASSERT_OK(engine.Submit(request, Collect(answer)));
      Finish(engine);
      const bool first = std::string_view(client) == "anna";
      EXPECT_EQ(answer.timings.cached_tokens, shared && !first ? 99u : 0u) << client;
    }
  }
}

TEST_F(EngineTest, KeepsFewPrefixesAndNoneThatIsTheBeginningOfAnother) {
  Engine engine(*spy_, *tokenizer_, {.kept_prefixes = 2});
  for (const uint32_t seed : {1u, 2u, 3u, 4u}) {
    Answer answer;
    ASSERT_OK(engine.Submit(MakeRequest(60, 5, seed), Collect(answer)));
    Finish(engine);
    EXPECT_LE(spy_->live, 2);
  }
  for (const uint64_t length : {6u, 7u, 8u}) {
    Answer answer;
    ASSERT_OK(engine.Submit(MakeRequest(60, length, 4), Collect(answer)));
    Finish(engine);
  }
  EXPECT_EQ(spy_->live, 2);
}

TEST_F(EngineTest, ServesInTheOrderOfSubmission) {
  std::vector<uint64_t> finished;
  Engine engine(*spy_, *tokenizer_, {.max_sequences = 1});
  std::vector<uint64_t> submitted;
  for (uint32_t i = 0; i < 3; ++i) {
    auto id = engine.Submit(MakeRequest(4, 12 - 4 * i), [&finished](const Event& event) {
      if (event.finish != FinishReason::kNone) finished.push_back(event.request);
    });
    ASSERT_OK(id);
    submitted.push_back(*id);
  }
  Finish(engine);
  EXPECT_EQ(finished, submitted);
}

TEST_F(EngineTest, MaxTokensZeroOnlyEvaluatesThePrompt) {
  const Answer answer = AnswerOf(MakeRequest(100, 0));
  EXPECT_EQ(answer.finish, FinishReason::kLength);
  EXPECT_TRUE(answer.ids.empty());
  EXPECT_EQ(answer.timings.prompt_tokens, 100u);
  EXPECT_EQ(spy_->columns, 100u);
}

TEST_F(EngineTest, EndsAtTheContext) {
  const Answer answer = AnswerOf(MakeRequest(90, UINT64_MAX), {.context = 100});
  EXPECT_EQ(answer.finish, FinishReason::kContext);
  EXPECT_EQ(answer.ids.size(), 10u);
  EXPECT_EQ(FinishReasonName(answer.finish), "length");
  const Answer full = AnswerOf(MakeRequest(100, UINT64_MAX), {.context = 100});
  EXPECT_EQ(full.finish, FinishReason::kContext);
  EXPECT_TRUE(full.ids.empty());
  // The model's own context is the last word.
  EXPECT_EQ(AnswerOf(MakeRequest(1000, UINT64_MAX), {.context = 1U << 30}).ids.size(), 24u);
}

TEST_F(EngineTest, EndsAtAnEndToken) {
  Request request = MakeRequest(10, 20);
  request.ignore_end = false;
  request.sampling.logit_bias = {{2, 1000.0F}};
  const Answer answer = AnswerOf(request);
  EXPECT_EQ(answer.finish, FinishReason::kEnd);
  EXPECT_TRUE(answer.ids.empty());
  EXPECT_EQ(answer.text, "");
  request.ignore_end = true;
  EXPECT_EQ(AnswerOf(request).ids.size(), 20u);
}

TEST_F(EngineTest, StopsAtAStringAcrossTokens) {
  Request request = MakeRequest(10, 60);
  // Only "w300" to "w306" can come, so that a stop string can span two of them.
  request.sampling.temperature = 2;
  request.sampling.top_k = 0;
  for (Token token = 0; token < 300; ++token)
    request.sampling.logit_bias.push_back({token, -INFINITY});
  const Answer whole = AnswerOf(request);
  ASSERT_EQ(whole.text.size(), 240u);
  const std::string stop =
      whole.text.substr(42, 7);  // the middle of a token to the middle of another
  const size_t first = whole.text.find(stop);
  request.stop = {"never", stop};
  const Answer answer = AnswerOf(request);
  EXPECT_EQ(answer.finish, FinishReason::kStopString);
  EXPECT_EQ(answer.text, whole.text.substr(0, first));
  EXPECT_EQ(answer.ids.size(), (first + stop.size() + 3) / 4);
  // What was held back for a stop string that did not come is shown at the end.
  request.stop = {whole.text.substr(236) + "!"};
  EXPECT_EQ(AnswerOf(request).text, whole.text);
}

TEST_F(EngineTest, ShowsOnlyWholeCharacters) {
  Request request = MakeRequest(5, 300);
  request.sampling.temperature = 3;
  request.sampling.top_k = 0;
  request.sampling.min_p = 0;
  request.sampling.top_p = 1;
  // Bytes above 0x7F only: mostly broken sequences.
  for (Token token = 0; token < 307; ++token) {
    if (token < 3 + 0x80 || token >= 3 + 256)
      request.sampling.logit_bias.push_back({token, -INFINITY});
  }
  const Answer answer = AnswerOf(request);
  EXPECT_TRUE(answer.valid_utf8);
  EXPECT_GE(answer.text.size(), 300u);
}

TEST_F(EngineTest, CancelEndsWaitingAndRunning) {
  std::vector<Answer> answers(3);
  Engine engine(*spy_, *tokenizer_, {.max_sequences = 2});
  std::vector<uint64_t> ids;
  for (Answer& answer : answers) {
    auto id = engine.Submit(MakeRequest(10, 50), Collect(answer));
    ASSERT_OK(id);
    ids.push_back(*id);
  }
  for (int i = 0; i < 5; ++i) ASSERT_OK(engine.Step(stop_));
  engine.Cancel(ids[0]);
  engine.Cancel(ids[2]);
  engine.Cancel(12345);
  EXPECT_EQ(answers[0].finish, FinishReason::kNone);
  Finish(engine);
  EXPECT_EQ(answers[0].finish, FinishReason::kCancelled);
  EXPECT_EQ(answers[0].ids.size(), 5u);
  EXPECT_EQ(answers[1].finish, FinishReason::kLength);
  EXPECT_EQ(answers[2].finish, FinishReason::kCancelled);
  EXPECT_TRUE(answers[2].ids.empty());
}

TEST_F(EngineTest, AnEngineThatDiesLeavesNothingBehind) {
  Answer answer;
  Engine engine(*spy_, *tokenizer_, {});
  ASSERT_OK(engine.Submit(MakeRequest(10, 50), Collect(answer)));
  ASSERT_OK(engine.Step(stop_));
  EXPECT_EQ(spy_->live, 1);
}

TEST_F(EngineTest, AListenerMaySubmitAndCancel) {
  Answer second;
  Engine engine(*spy_, *tokenizer_, {});
  int tokens = 0;
  FinishReason finish = FinishReason::kNone;
  ASSERT_OK(engine.Submit(MakeRequest(10, 50), [&](const Event& event) {
    finish = event.finish;
    if (++tokens == 3) {
      EXPECT_OK(engine.Submit(MakeRequest(5, 4), Collect(second)));
      engine.Cancel(event.request);
    }
  }));
  Finish(engine);
  EXPECT_EQ(finish, FinishReason::kCancelled);
  EXPECT_EQ(second.ids.size(), 4u);
}

TEST_F(EngineTest, AStepThatYieldsTellsNothingAndGoesOn) {
  const Request request = MakeRequest(30, 20);
  const Answer expected = AnswerOf(request);
  Answer answer;
  Engine engine(*spy_, *tokenizer_, {});
  ASSERT_OK(engine.Submit(request, Collect(answer)));
  for (int i = 0; i < 30; ++i) {
    StopFlag yield;
    yield.Set(StopFlag::Ask::kYield);
    const size_t before = answer.ids.size();
    ASSERT_OK_AND_ASSIGN(const bool more, engine.Step(i % 2 == 0 ? yield : stop_));
    if (i % 2 == 0) {
      EXPECT_TRUE(more);
      EXPECT_EQ(answer.ids.size(), before);
    }
  }
  Finish(engine);
  EXPECT_EQ(answer, expected);
}

TEST_F(EngineTest, LeavesFewColumnsToOtherStepsWhileAnswersRun) {
  Answer answer;
  Engine engine(*spy_, *tokenizer_, {.max_stall = std::chrono::nanoseconds(1)});
  EXPECT_EQ(engine.TakeSpareColumns(8), 8u);
  ASSERT_OK(engine.Submit(MakeRequest(10, 50), Collect(answer)));
  for (int i = 0; i < 5; ++i) ASSERT_OK(engine.Step(stop_));
  // A column of them takes as long as many steps.
  engine.NoteSpareStep(1, std::chrono::seconds(100));
  EXPECT_EQ(engine.TakeSpareColumns(64), 1u);
  Finish(engine);
  EXPECT_EQ(answer.ids.size(), 50u);
}

TEST_F(EngineTest, RefusesWhatCanNotBeServed) {
  Engine engine(*spy_, *tokenizer_, {.context = 64});
  EXPECT_ERROR(engine.Submit(MakeRequest(0, 1), nullptr), Code::kUsage, "empty");
  EXPECT_ERROR(engine.Submit(MakeRequest(65, 1), nullptr), Code::kUsage,
               "65 tokens; must be at most the context length 64");
  Request request = MakeRequest(4, 1);
  request.prompt[2] = 307;
  EXPECT_ERROR(engine.Submit(request, nullptr), Code::kUsage, "prompt token 307 at index 2");
  request = MakeRequest(4, 1);
  request.sampling.temperature = -1;
  EXPECT_ERROR(engine.Submit(request, nullptr), Code::kUsage, "temperature");
  request = MakeRequest(4, 1);
  request.stop = {""};
  EXPECT_ERROR(engine.Submit(request, nullptr), Code::kUsage, "");
  bench_->budget().SetTotal(bench_->budget().used() + spy_->info().kv_page_bytes);
  EXPECT_ERROR(engine.Submit(MakeRequest(40, 10), nullptr), Code::kOverBudget, "memory budget");
  EXPECT_OK(engine.Submit(MakeRequest(20, 10), nullptr));
  Finish(engine);
}

TEST_F(EngineTest, AloneAndOutOfPagesEndsAsAtTheContext) {
  bench_->budget().SetTotal(bench_->budget().used() + 10 * spy_->info().kv_page_bytes);
  Answer answer;
  Engine engine(*spy_, *tokenizer_, {});
  ASSERT_OK(engine.Submit(MakeRequest(40, 900), Collect(answer)));
  Finish(engine);
  EXPECT_EQ(answer.finish, FinishReason::kContext);
  EXPECT_GT(answer.ids.size(), 250u);
  EXPECT_EQ(answer.error, "");
}

}  // namespace
}  // namespace ledge
