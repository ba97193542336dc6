#include "cli/client/remote_answer.h"

#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

#include "api/json.h"
#include "base/utf8.h"
#include "cli/client/server_option.h"
#include "cli/input.h"
#include "cli/interrupt.h"
#include "cli/terminal_text.h"
#include "load/sse.h"

namespace ledge {
namespace {

using Clock = std::chrono::steady_clock;

// The member, or null.
Json Member(const Json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return object.is_object() && found != object.end() ? *found : Json();
}
std::string TextIn(const Json& object, const char* name) {
  const Json value = Member(object, name);
  return value.is_string() ? value.get<std::string>() : std::string();
}

Result<void> AddForm(Program& program, const AnswerOptions& options, Json& body) {
  if (!options.grammar.empty()) {
    LEDGE_TRY(const std::string text, ReadTextFile(program, options.grammar));
    body["grammar"] = Utf8Sanitized(text);
  }
  if (options.schema.empty()) return {};
  LEDGE_TRY(const std::string text, ReadTextFile(program, options.schema));
  Json schema = Json::parse(text, nullptr, false);
  if (schema.is_discarded())
    return MakeError(Code::kMalformed, "{}: is no JSON; must be a JSON Schema", options.schema);
  body["response_format"] = {{"type", "json_schema"},
                             {"json_schema", {{"name", "answer"}, {"schema", std::move(schema)}}}};
  return {};
}

Result<Json> BodyOf(Program& program, const RemotePrompt& prompt, const AnswerOptions& options) {
  LEDGE_TRY(const Request request, options.ToRequest(program.os(), -1));
  const SamplingOptions& s = request.sampling;
  Json body = {{"model", prompt.model},
               {"stream", true},
               {"stream_options", {{"include_usage", true}}},
               {"return_token_ids", true},
               {"temperature", s.temperature},
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
        std::isinf(bias) ? -100.0 : static_cast<double>(bias);
  LEDGE_CHECK_OK(AddForm(program, options, body));
  const std::string text = Utf8Sanitized(prompt.text);
  if (prompt.raw) {
    body["prompt"] = text;
    if (!options.max_tokens) body["max_tokens"] = UINT32_MAX;  // else this API has its own default
    return body;
  }
  body["messages"] = Json::array();
  if (prompt.system)
    body["messages"].push_back({{"role", "system"}, {"content", Utf8Sanitized(*prompt.system)}});
  body["messages"].push_back({{"role", "user"}, {"content", text}});
  if (!prompt.variables.empty()) body["chat_template_kwargs"] = prompt.variables;
  return body;
}

// A stream's events, put together.
struct Streamed {
  std::string text;
  std::string finish;
  std::string error;
  Json ids = Json::array();
  Json usage;
  std::optional<Clock::time_point> first;

  // What is new of the text.
  std::string Take(std::string_view data) {
    const Json event = Json::parse(data, nullptr, false);
    if (const Json failed = Member(event, "error"); !failed.is_null())
      error = TextIn(failed, "message");
    if (const Json counts = Member(event, "usage"); counts.is_object()) usage = counts;
    const Json choices = Member(event, "choices");
    if (!choices.is_array() || choices.empty()) return {};
    const Json& choice = choices[0];
    if (const std::string reason = TextIn(choice, "finish_reason"); !reason.empty())
      finish = reason;
    if (const Json all = Member(choice, "token_ids"); all.is_array()) ids = all;
    std::string more = TextIn(choice, "text") + TextIn(Member(choice, "delta"), "content");
    if (!more.empty() && !first) first = Clock::now();
    text += more;
    return more;
  }

  Json Document(Clock::time_point began) const {
    const auto milliseconds = [began](Clock::time_point at) {
      return std::chrono::duration<double, std::milli>(at - began).count();
    };
    const auto now = Clock::now();
    const Json count = Member(usage, "completion_tokens");
    const double tokens = count.is_number_unsigned() ? count.get<double>() : 0;
    const double ttft = milliseconds(first.value_or(now));
    const double decode = milliseconds(now) - ttft;
    return {{"text", text},
            {"ids", ids},
            {"prompt_tokens", Member(usage, "prompt_tokens")},
            {"completion_tokens", count},
            {"finish_reason", finish},
            {"timings",
             {{"ttft_ms", ttft},
              {"total_ms", milliseconds(now)},
              {"decode_tokens_per_second",
               tokens > 1 && decode > 0 ? (tokens - 1) * 1000 / decode : 0.0}}}};
  }
};

}  // namespace

Result<void> AnswerRemotely(Program& program, HttpClient& client, const RemotePrompt& prompt,
                            const AnswerOptions& options) {
  LEDGE_TRY(const Json body, BodyOf(program, prompt, options));
  StopFlag stop;
  const InterruptGuard guard(stop);
  TerminalText safe(program.stdout_is_terminal());
  Streamed streamed;
  std::string refused;  // the body of another answer than a stream
  SseReader reader([&](std::string_view data) {
    const std::string more = streamed.Take(data);
    if (!prompt.json && !more.empty()) program.Print(safe.Pass(more));
  });
  Result<void> read;
  const auto began = Clock::now();
  auto reply = client.Request("POST", prompt.raw ? "/v1/completions" : "/v1/chat/completions",
                              body.dump(-1, ' ', false, Json::error_handler_t::replace),
                              [&](std::string_view bytes) {
                                if (refused.size() < kMaxEventBytes) refused += bytes;
                                if (read.ok()) read = reader.Feed(bytes);
                              });
  if (guard.interrupted()) return MakeError(Code::kInterrupted, "interrupted");
  if (!reply.ok()) return std::move(reply).error();
  if (reply->status != 200) return RefusalOf(reply->status, refused + reply->body);
  if (!read.ok()) return std::move(read).error();
  if (!streamed.error.empty())
    return MakeError(Code::kUnreachable, "the answer broke off: {}", streamed.error);
  if (prompt.json) {
    program.PrintJson(streamed.Document(began));
  } else if (!streamed.text.ends_with('\n')) {
    program.Print("\n");
  }
  return {};
}

}  // namespace ledge
