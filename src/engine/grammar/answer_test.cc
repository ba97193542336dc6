// Whole answers of an engine that are held to a grammar.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "engine/engine.h"
#include "engine/grammar/grammar.h"
#include "testing/loaded_model.h"
#include "testing/result_matchers.h"
#include "testing/schema_checker.h"
#include "testing/temp_dir.h"
#include "testing/tiny_llama.h"

namespace ledge {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSchema = R"({"type":"object","properties":{
  "name":{"type":"string","maxLength":8},"sizes":{"type":"array","items":{"type":"integer",
  "minimum":-5,"maximum":250},"maxItems":4},"kind":{"enum":["ab","abc","hello"]},
  "on":{"type":"boolean"}},"required":["name","sizes","kind"],"additionalProperties":false})";

struct Answer {
  std::string text;
  std::vector<Token> ids;
  std::vector<float> logprobs;
  size_t tokens = 0;
  size_t forced = 0;
  FinishReason finish = FinishReason::kNone;
  std::string error;
};

class GrammarAnswers : public ::testing::Test {
 protected:
  void SetUp() override {
    auto loaded = testing::LoadModel(
        folder_.Write("tiny.gguf", testing::TinyLlamaFile({.type = TensorType::kQ8_0})));
    ASSERT_OK(loaded);
    auto tokenizer = Tokenizer::Open((*loaded)->packed().tokenizer_tables(),
                                     TokenTextsOf((*loaded)->packed().header()));
    ASSERT_OK(tokenizer);
    tokenizer_.emplace(std::move(*tokenizer));
    bench_.emplace(*loaded);
    auto executor = bench_->Make({.max_columns = 64});
    ASSERT_OK(executor);
    executor_ = *executor;
    grammars_.emplace(*tokenizer_);
  }

  Request Asked(const GrammarSpec& spec, uint64_t seed) {
    Request request;
    request.prompt = {5, 6, 7, static_cast<Token>(8 + seed % 50)};
    request.sampling.seed = seed;
    request.max_tokens = 400;
    auto grammar = grammars_->Get(spec);
    EXPECT_OK(grammar);
    request.grammar = *grammar;
    return request;
  }
  std::vector<Answer> Answers(const std::vector<Request>& requests, const EngineOptions& options) {
    std::vector<Answer> answers(requests.size());
    Engine engine(*executor_, *tokenizer_, options);
    for (size_t i = 0; i < requests.size(); ++i) {
      Answer& answer = answers[i];
      EXPECT_OK(engine.Submit(requests[i], [&answer](const Event& event) {
        answer.text += event.text;
        if (event.token) ++answer.tokens;
        if (event.token) answer.ids.push_back(*event.token);
        if (event.sampled != nullptr) answer.logprobs.push_back(event.sampled->logprob);
        if (event.forced) ++answer.forced;
        if (event.timings != nullptr) {
          EXPECT_EQ(event.timings->forced_tokens, answer.forced);
          EXPECT_EQ(event.timings->completion_tokens, answer.tokens);
        }
        answer.finish = event.finish;
        if (event.error != nullptr) answer.error = event.error->message;
      }));
    }
    for (int step = 0; step < 20000; ++step) {
      auto more = engine.Step(stop_);
      EXPECT_OK(more);
      if (!more.ok() || !*more) break;
    }
    return answers;
  }
  Answer AnswerOf(const Request& request) { return Answers({request}, {}).front(); }

  testing::TempDir folder_;
  std::optional<Tokenizer> tokenizer_;
  std::optional<testing::NativeBench> bench_;
  Executor* executor_ = nullptr;
  std::optional<GrammarCache> grammars_;
  StopFlag stop_;
};

TEST_F(GrammarAnswers, KeepToTheSchemaWhateverTheSampling) {
  const Json schema = Json::parse(kSchema);
  const auto change = [](int i, SamplingOptions& s) {
    if (i == 0) s.temperature = 0;
    if (i == 1) s = {.temperature = 1, .top_k = 0, .top_p = 1, .min_p = 0};
    if (i == 2) s.temperature = 50;
    if (i == 3) s.top_k = 1;
    if (i == 4) s.repeat_penalty = 2;
    if (i == 5) s.typical_p = 0.3f;
    if (i == 6) s.min_p = 0.9f;
    if (i == 7) s.top_p = 0.01f;
    if (i == 8) s.top_logprobs = 3;
  };
  for (int i = 0; i < 10; ++i) {
    Request request = Asked({GrammarKind::kSchema, kSchema}, 20 + static_cast<uint64_t>(i));
    change(i, request.sampling);
    request.ignore_end = i % 2 == 0;
    const Answer answer = AnswerOf(request);
    EXPECT_EQ(answer.finish, FinishReason::kEnd) << i << answer.text << answer.error;
    const Json value = Json::parse(answer.text, nullptr, false);
    ASSERT_FALSE(value.is_discarded()) << answer.text;
    EXPECT_TRUE(testing::SchemaChecker(schema).Accepts(value)) << answer.text;
  }
}

TEST_F(GrammarAnswers, AreTheSameBesideOthersAndWhenPaused) {
  std::vector<Request> requests;
  std::vector<Answer> alone;
  for (uint64_t i = 0; i < 6; ++i) {
    requests.push_back(Asked(i % 2 == 0 ? GrammarSpec{GrammarKind::kSchema, kSchema}
                                        : GrammarSpec{GrammarKind::kJsonObject, ""},
                             i));
    requests.back().max_tokens = 120;
    alone.push_back(AnswerOf(requests.back()));
  }
  const auto together = Answers(requests, {.step_columns = 5, .prefill_columns = 3});
  for (size_t i = 0; i < requests.size(); ++i) {
    EXPECT_EQ(together[i].text, alone[i].text);
    EXPECT_EQ(together[i].finish, alone[i].finish);
  }
}

TEST_F(GrammarAnswers, AreTheSameWhetherWhatIsForcedIsGuessed) {
  constexpr const char* kWords = "root ::= (\"hello hello\" | \"the abc of hello\" [a-z] \"abc\")+";
  std::vector<Request> requests;
  for (uint64_t i = 0; i < 8; ++i) {
    requests.push_back(Asked(i % 2 == 0 ? GrammarSpec{GrammarKind::kSchema, kSchema}
                                        : GrammarSpec{GrammarKind::kGbnf, kWords},
                             i));
    requests.back().max_tokens = 40 + i;
    requests.back().ignore_end = true;
    SamplingOptions& sampling = requests.back().sampling;
    if (i % 3 == 0) sampling.temperature = 0;
    if (i == 4) sampling.top_logprobs = 1;
    if (i == 5) requests.back().stop = {"lo"};
    if (i == 7) sampling.repeat_penalty = 1.5f;
  }
  size_t forced = 0;
  std::vector<Answer> plain;
  for (const Request& request : requests)
    plain.push_back(Answers({request}, {.guess_forced = false})[0]);
  const auto expect_same = [&](const std::vector<Answer>& answers, const char* how) {
    for (size_t i = 0; i < requests.size(); ++i) {
      EXPECT_EQ(answers[i].ids, plain[i].ids) << how << i;
      EXPECT_EQ(answers[i].text, plain[i].text) << how << i;
      EXPECT_EQ(answers[i].finish, plain[i].finish) << how << i;
      EXPECT_EQ(answers[i].logprobs, plain[i].logprobs) << how << i;
      EXPECT_EQ(plain[i].forced, 0u);
      forced += answers[i].forced;
    }
  };
  std::vector<Answer> guessed;
  for (const Request& request : requests) guessed.push_back(AnswerOf(request));
  expect_same(guessed, "alone ");
  EXPECT_GT(forced, 0u);
  expect_same(Answers(requests, {}), "together ");
  expect_same(Answers(requests, {.step_columns = 5, .prefill_columns = 3}), "in narrow steps ");
}

TEST_F(GrammarAnswers, EndWhereTheTextIsWhole) {
  const Answer answer =
      AnswerOf(Asked({GrammarKind::kGbnf, "root ::= \"hello\" | \"hell\" [x-z]"}, 3));
  EXPECT_EQ(answer.finish, FinishReason::kEnd);
  EXPECT_TRUE(answer.text == "hello" ||
              (answer.text.starts_with("hell") && answer.text.size() == 5))
      << answer.text;
}

TEST_F(GrammarAnswers, AreCutAtTheLimit) {
  Request request = Asked({GrammarKind::kGbnf, "root ::= [a-z]{100}"}, 4);
  request.max_tokens = 7;
  const Answer answer = AnswerOf(request);
  EXPECT_EQ(answer.finish, FinishReason::kLength);
  EXPECT_EQ(answer.tokens, 7u);
}

TEST_F(GrammarAnswers, TooManyWaysToReadAreTheRequestsError) {
  std::string many = "root ::= (";
  for (int i = 0; i < 60; ++i)
    many += fmt::format("{}[a-z]{{{},{}}} \"{}\" [a-z]*", i == 0 ? "" : " | ", i, 40 + i, i);
  Request request = Asked({GrammarKind::kGbnf, many + ")+"}, 5);
  const Answer answer = AnswerOf(request);
  EXPECT_NE(answer.finish, FinishReason::kNone);
  if (answer.finish == FinishReason::kError) {
    EXPECT_NE(answer.error.find("too many ways"), std::string::npos) << answer.error;
  }
}

}  // namespace
}  // namespace ledge
