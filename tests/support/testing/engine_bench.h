// An engine over a tiny model and an executor that is watched, with what tests of it share:
// requests of random tokens, and answers collected from their events.
#pragma once

#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "engine/engine.h"
#include "testing/loaded_model.h"
#include "testing/result_matchers.h"
#include "testing/temp_dir.h"
#include "testing/tiny_llama.h"

namespace ledge::testing {

struct Answer {
  std::string text;
  std::vector<Token> ids;
  FinishReason finish = FinishReason::kNone;
  std::string error;
  RequestTimings timings;
  int events_after_finish = 0;
  bool valid_utf8 = true;

  bool operator==(const Answer& other) const {
    return text == other.text && ids == other.ids && finish == other.finish;
  }
};

inline Listener Collect(Answer& answer) {
  return [&answer](const Event& event) {
    if (answer.finish != FinishReason::kNone) ++answer.events_after_finish;
    answer.valid_utf8 = answer.valid_utf8 && Utf8Sanitized(event.text) == event.text;
    answer.text += event.text;
    if (event.token) answer.ids.push_back(*event.token);
    answer.finish = event.finish;
    if (event.error != nullptr) answer.error = event.error->message;
    if (event.timings != nullptr) answer.timings = *event.timings;
  };
}

// Counts what the engine does to its executor.
class SpyExecutor : public Executor {
 public:
  explicit SpyExecutor(Executor& real) : real_(real) {}
  const ExecutorInfo& info() const override { return real_.info(); }
  Result<SequenceId> AddSequence() override {
    auto added = real_.AddSequence();
    if (added.ok()) ++live;
    return added;
  }
  Result<Forked> Fork(SequenceId from, uint32_t length) override {
    auto forked = real_.Fork(from, length);
    if (forked.ok()) ++live;
    return forked;
  }
  Result<void> Truncate(SequenceId id, uint32_t length) override {
    return real_.Truncate(id, length);
  }
  Result<void> Reserve(SequenceId id, uint32_t tokens) override {
    return real_.Reserve(id, tokens);
  }
  Result<void> Mark(SequenceId id, uint32_t length) override { return real_.Mark(id, length); }
  void RemoveSequence(SequenceId id) override {
    --live;
    real_.RemoveSequence(id);
  }
  uint32_t Length(SequenceId id) const override { return real_.Length(id); }
  uint32_t CutPoint(SequenceId id, uint32_t length) const override {
    return real_.CutPoint(id, length);
  }
  uint64_t KvBytes(SequenceId id) const override { return real_.KvBytes(id); }
  uint64_t KvLimitBytes() const override { return real_.KvLimitBytes(); }
  void GiveBackUnused() override { real_.GiveBackUnused(); }
  Result<StepResult> Step(const Batch& batch, const StopFlag& stop) override {
    columns += batch.columns.size();
    widest = std::max(widest, batch.columns.size());
    return real_.Step(batch, stop);
  }

  int live = 0;
  size_t columns = 0;
  size_t widest = 0;

 private:
  Executor& real_;
};

class EngineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto loaded = LoadModel(folder_.Write("tiny.gguf", TinyLlamaFile({.type = TensorType::kQ8_0})));
    ASSERT_OK(loaded);
    auto tokenizer = Tokenizer::Open((*loaded)->packed().tokenizer_tables(),
                                     TokenTextsOf((*loaded)->packed().header()));
    ASSERT_OK(tokenizer);
    llama_ = *loaded;  // the tokenizer's tables are in it
    tokenizer_.emplace(std::move(*tokenizer));
    Use(llama_, {.max_columns = 64});
  }
  // Answers come from this model, with the first one's tokenizer, which has as many tokens or more.
  void Use(std::shared_ptr<const Model> model, const NativeOptions& options) {
    bench_.emplace(std::move(model));
    auto executor = bench_->Make(options);
    ASSERT_OK(executor);
    spy_.emplace(**executor);
  }
  void TearDown() override {
    if (spy_) {
      EXPECT_EQ(spy_->live, 0) << "sequences were left behind";
    }
  }

  std::vector<Token> Prompt(uint32_t length, uint32_t seed) const {
    std::mt19937 random(seed);
    std::vector<Token> prompt;
    for (uint32_t i = 0; i < length; ++i)
      prompt.push_back(static_cast<Token>(3 + random() % (spy_->info().vocabulary - 3)));
    return prompt;
  }
  Request MakeRequest(uint32_t prompt_length, uint64_t max_tokens, uint32_t seed = 1) const {
    Request request;
    request.prompt = Prompt(prompt_length, seed);
    request.sampling.seed = seed;
    request.max_tokens = max_tokens;
    request.ignore_end = true;
    return request;
  }
  // Steps until nothing is left.
  void Finish(Engine& engine) {
    for (int step = 0; step < 20000; ++step) {
      auto more = engine.Step(stop_);
      ASSERT_OK(more);
      if (!*more) break;
    }
    EXPECT_TRUE(engine.idle());
  }
  std::vector<Answer> Answers(const std::vector<Request>& requests, const EngineOptions& options) {
    std::vector<Answer> answers(requests.size());
    Engine engine(*spy_, *tokenizer_, options);
    for (size_t i = 0; i < requests.size(); ++i)
      EXPECT_OK(engine.Submit(requests[i], Collect(answers[i])));
    Finish(engine);
    return answers;
  }
  Answer AnswerOf(const Request& request, const EngineOptions& options = {}) {
    return Answers({request}, options).front();
  }

  testing::TempDir folder_;
  std::shared_ptr<const Model> llama_;
  std::optional<Tokenizer> tokenizer_;
  std::optional<NativeBench> bench_;
  std::optional<SpyExecutor> spy_;
  StopFlag stop_;
};

}  // namespace ledge::testing
