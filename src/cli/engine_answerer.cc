#include "cli/engine_answerer.h"

#include <nlohmann/json.hpp>

#include "base/utf8.h"

namespace ledge {
namespace {

void Tell(const std::vector<AnswerPart>& parts, Answer& answer, const Answerer::OnPart& on_part) {
  for (const AnswerPart& part : parts) {
    answer.reasoning += part.reasoning;
    answer.text += part.content;
    on_part(part);
  }
}

// Steps until the request has its last event. Once it is cancelled, the step that ends it must not
// be cut short itself.
Result<void> Finish(Engine& engine, uint64_t id, const StopFlag& stop, const Answer& answer) {
  const StopFlag never;
  bool cancelled = false;
  while (answer.finish == FinishReason::kNone) {
    if (!cancelled && stop.get() != StopFlag::Ask::kGoOn) {
      engine.Cancel(id);
      cancelled = true;
    }
    LEDGE_TRY(const bool more, engine.Step(cancelled ? never : stop));
    if (!more && answer.finish == FinishReason::kNone)
      return MakeError(Code::kInternal, "the engine ran out of work before the answer ended");
  }
  return {};
}

}  // namespace

EngineAnswerer::EngineAnswerer(Os& os, Engine& engine, const Tokenizer& tokenizer,
                               const ChatTemplate& chat_template, const AnswerOptions& options,
                               int64_t top_logprobs)
    : os_(os),
      engine_(engine),
      tokenizer_(tokenizer),
      template_(chat_template),
      options_(options),
      top_logprobs_(top_logprobs),
      grammars_(tokenizer) {}

EngineAnswerer::~EngineAnswerer() = default;

Result<void> EngineAnswerer::Prepare(Program& program) {
  LEDGE_TRY(auto variables, options_.Variables());
  variables_ = std::make_unique<const nlohmann::ordered_json>(std::move(variables));
  LEDGE_TRY(form_, options_.ReadForm(program));
  // Compiled here, so that what is wrong with it is said before anything is computed.
  const auto compiled = grammars_.Get(form_);
  if (compiled.ok()) return {};
  return Error{Code::kMalformed, compiled.error().message}.WithContext(options_.form_file());
}

// Fills in the prompt; how the answer begins.
Result<Thinking> EngineAnswerer::MakePrompt(const Question& question, Request& request) const {
  if (question.messages == nullptr) {
    LEDGE_TRY(request.prompt, PromptFromText(tokenizer_, question.text));
    return Thinking::kNone;
  }
  LEDGE_TRY(ChatPrompt prompt,
            PromptFromConversation(template_, tokenizer_,
                                   {.messages = question.messages, .variables = variables_.get()}));
  request.prompt = std::move(prompt.tokens);
  request.shown = ThinkingMarks(tokenizer_);
  return prompt.thinking;
}

TokenReport EngineAnswerer::ReportOf(Token token, float logprob) const {
  return {.token = token,
          .text = Utf8Sanitized(tokenizer_.Piece(token)),
          .logprob = logprob,
          .top = {}};
}

void EngineAnswerer::Take(const Event& event, AnswerReader& reader, Answer& answer,
                          const OnPart& on_part) const {
  if (event.token) answer.ids.push_back(*event.token);
  if (event.sampled != nullptr && top_logprobs_ >= 0) {
    answer.logprobs.push_back(ReportOf(event.sampled->token, event.sampled->logprob));
    for (const TokenLogprob& other : event.sampled->top)
      answer.logprobs.back().top.push_back(ReportOf(other.token, other.logprob));
  }
  if (!event.text.empty()) Tell(reader.Feed(event.text), answer, on_part);
  if (event.timings != nullptr) answer.timings = *event.timings;
  if (event.finish == FinishReason::kNone) return;
  Tell(reader.Finish(), answer, on_part);
  answer.finish = event.finish;
}

Result<Answer> EngineAnswerer::Ask(const Question& question, const StopFlag& stop,
                                   const OnPart& on_part) {
  Answer answer;
  LEDGE_TRY(Request request, options_.ToRequest(os_, top_logprobs_));
  GrammarSpec form = form_;
  LEDGE_TRY(form.thinking, MakePrompt(question, request));
  if (request.prompt.size() > engine_.context()) {
    answer.too_long = fmt::format("the prompt has {} tokens; must be at most the context length {}",
                                  request.prompt.size(), engine_.context());
    return answer;
  }
  LEDGE_TRY(request.grammar, grammars_.Get(form));
  const auto reader = question.messages == nullptr
                          ? MakePlainReader()
                          : MakeReasoningReader(form.thinking == Thinking::kBegun);
  std::optional<Error> failed;
  LEDGE_TRY(const uint64_t id, engine_.Submit(std::move(request), [&](const Event& event) {
    Take(event, *reader, answer, on_part);
    if (event.error != nullptr) failed = *event.error;
  }));
  LEDGE_CHECK_OK(Finish(engine_, id, stop, answer));
  if (failed) return *std::move(failed);
  return answer;
}

}  // namespace ledge
