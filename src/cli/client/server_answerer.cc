#include "cli/client/server_answerer.h"

#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

#include "api/json.h"
#include "base/utf8.h"
#include "cli/client/server_option.h"
#include "engine/ordered_json.h"
#include "load/sse.h"

namespace ledge {
namespace {

using Clock = std::chrono::steady_clock;

// The member, or null.
Json Member(const Json& object, const char* name) {
  if (!object.is_object()) return {};
  const auto found = object.find(name);
  return found == object.end() ? Json() : *found;
}
std::string TextIn(const Json& object, const char* name) {
  const Json value = Member(object, name);
  return value.is_string() ? value.get<std::string>() : std::string();
}
uint32_t CountIn(const Json& object, const char* name) {
  const Json value = Member(object, name);
  return value.is_number_unsigned() ? value.get<uint32_t>() : 0;
}

// What it is in this API's words.
FinishReason FinishOf(const std::string& reason) {
  return reason == FinishReasonName(FinishReason::kLength) ? FinishReason::kLength
                                                           : FinishReason::kEnd;
}

Json SamplingOf(const Request& request, const AnswerOptions& options) {
  const SamplingOptions& s = request.sampling;
  Json body = {{"temperature", s.temperature},
               {"top_k", s.top_k},
               {"top_p", s.top_p},
               {"min_p", s.min_p},
               {"typical_p", s.typical_p},
               {"repeat_penalty", s.repeat_penalty},
               {"repeat_last_n", s.repeat_last_n},
               {"presence_penalty", s.presence_penalty},
               {"frequency_penalty", s.frequency_penalty},
               {"stop", request.stop}};
  if (options.seed) body["seed"] = *options.seed;
  if (options.max_tokens) body["max_tokens"] = *options.max_tokens;
  for (const auto& [token, bias] : s.logit_bias)
    body["logit_bias"][std::to_string(token)] =
        std::isinf(bias) && bias < 0 ? -100.0 : static_cast<double>(bias);
  return body;
}

Result<void> AddForm(const GrammarSpec& form, const std::string& file, Json& body) {
  if (form.kind == GrammarKind::kGbnf) body["grammar"] = Utf8Sanitized(form.text);
  if (form.kind != GrammarKind::kSchema) return {};
  auto schema = ParseOrderedJson(form.text);
  if (!schema.ok()) return std::move(schema).error().WithContext(file);
  body["response_format"] = {{"type", "json_schema"},
                             {"json_schema", {{"name", "answer"}, {"schema", *std::move(schema)}}}};
  return {};
}

// A stream's events, put together.
class Stream {
 public:
  Stream(Answer& answer, const Answerer::OnPart& on_part)
      : answer_(answer),
        on_part_(on_part),
        reader_([this](std::string_view data) { Take(data); }) {}

  // Bytes of a body: of a stream, or of a refusal.
  void Feed(std::string_view bytes) {
    if (raw_.size() < kMaxEventBytes) raw_ += bytes;
    if (read_.ok()) read_ = reader_.Feed(bytes);
  }
  const std::string& raw() const { return raw_; }

  // Once it is over.
  Result<void> Finish() {
    LEDGE_CHECK_OK(std::move(read_));
    if (!error_.empty()) return MakeError(Code::kUnreachable, "the answer broke off: {}", error_);
    RequestTimings& t = answer_.timings;
    t.total = Clock::now() - began_;
    if (t.to_first_token.count() == 0) t.to_first_token = t.total;
    return {};
  }

 private:
  void Take(std::string_view data) {
    const Json event = Json::parse(data, nullptr, false);
    if (const Json failed = Member(event, "error"); !failed.is_null())
      error_ = TextIn(failed, "message");
    if (const Json usage = Member(event, "usage"); usage.is_object()) TakeUsage(usage);
    const Json choices = Member(event, "choices");
    if (!choices.is_array() || choices.empty()) return;
    const Json& choice = choices[0];
    if (const std::string reason = TextIn(choice, "finish_reason"); !reason.empty())
      answer_.finish = FinishOf(reason);
    for (const Json& id : Member(choice, "token_ids")) {
      if (id.is_number_integer()) answer_.ids.push_back(id.get<Token>());
    }
    answer_.timings.dropped_tokens += CountIn(Member(choice, "context_shift"), "dropped_tokens");
    const Json delta = Member(choice, "delta");
    TakePart({.reasoning = TextIn(delta, "reasoning_content"),
              .content = TextIn(choice, "text") + TextIn(delta, "content"),
              .calls = {}});
  }

  void TakePart(const AnswerPart& part) {
    if (part.empty()) return;
    if (answer_.timings.to_first_token.count() == 0)
      answer_.timings.to_first_token = Clock::now() - began_;
    answer_.reasoning += part.reasoning;
    answer_.text += part.content;
    on_part_(part);
  }

  void TakeUsage(const Json& usage) {
    RequestTimings& t = answer_.timings;
    t.prompt_tokens = CountIn(usage, "prompt_tokens");
    t.cached_tokens = CountIn(Member(usage, "prompt_tokens_details"), "cached_tokens");
    t.completion_tokens = CountIn(usage, "completion_tokens");
    t.forced_tokens = CountIn(Member(usage, "completion_tokens_details"), "forced_tokens");
  }

  Answer& answer_;
  const Answerer::OnPart& on_part_;
  SseReader reader_;
  Result<void> read_;
  std::string raw_;
  std::string error_;
  Clock::time_point began_ = Clock::now();
};

// Whether the server said that the conversation is longer than the context; its words.
std::string TooLong(std::string_view body) {
  const Json error = Member(Json::parse(body, nullptr, false), "error");
  return TextIn(error, "code") == "context_length_exceeded" ? TextIn(error, "message") : "";
}

}  // namespace

ServerAnswerer::ServerAnswerer(HttpClient client, std::string model, const AnswerOptions& options)
    : client_(std::move(client)), model_(std::move(model)), options_(options) {}

ServerAnswerer::~ServerAnswerer() = default;

Result<void> ServerAnswerer::Prepare(Program& program) {
  LEDGE_TRY(const Request request, options_.ToRequest(program.os(), -1));
  LEDGE_TRY(const GrammarSpec form, options_.ReadForm(program));
  Json common = SamplingOf(request, options_);
  common["model"] = model_;
  common["stream"] = true;
  common["stream_options"] = {{"include_usage", true}};
  common["return_token_ids"] = true;
  LEDGE_CHECK_OK(AddForm(form, options_.form_file(), common));
  common_ = std::make_unique<const Json>(std::move(common));
  LEDGE_TRY(Json variables, options_.Variables());
  variables_ = std::make_unique<const Json>(std::move(variables));
  return {};
}

std::string ServerAnswerer::BodyOf(const Question& question) const {
  Json body = *common_;
  if (question.messages != nullptr) {
    body["messages"] = *question.messages;
    if (!variables_->empty()) body["chat_template_kwargs"] = *variables_;
  } else {
    body["prompt"] = Utf8Sanitized(question.text);
    if (!options_.max_tokens) body["max_tokens"] = UINT32_MAX;  // else this API has its own default
  }
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Answer> ServerAnswerer::Ask(const Question& question, const StopFlag& stop,
                                   const OnPart& on_part) {
  Answer answer;
  Stream stream(answer, on_part);
  client_.StopWhen([&stop] { return stop.get() != StopFlag::Ask::kGoOn; });
  const char* path = question.messages != nullptr ? "/v1/chat/completions" : "/v1/completions";
  auto reply = client_.Request("POST", path, BodyOf(question),
                               [&stream](std::string_view bytes) { stream.Feed(bytes); });
  client_.StopWhen(nullptr);
  if (!reply.ok() && reply.error().code == Code::kInterrupted) {
    LEDGE_CHECK_OK(stream.Finish());
    answer.finish = FinishReason::kCancelled;
    return answer;
  }
  if (!reply.ok()) return std::move(reply).error();
  if (reply->status != 200) {
    const std::string refusal = stream.raw() + reply->body;
    answer.too_long = TooLong(refusal);
    if (answer.too_long.empty()) return RefusalOf(reply->status, refusal);
    return answer;
  }
  LEDGE_CHECK_OK(stream.Finish());
  return answer;
}

}  // namespace ledge
