#include "load/chat_wire.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace ledge {
namespace {

using Json = nlohmann::ordered_json;

Json Parse(std::string_view text) { return Json::parse(text, nullptr, false); }

// The member, or a null value.
const Json& Member(const Json& object, const char* name) {
  static const Json kNull;
  if (!object.is_object()) return kNull;
  const auto found = object.find(name);
  return found == object.end() ? kNull : *found;
}
uint64_t CountIn(const Json& object, const char* name) {
  const Json& value = Member(object, name);
  return value.is_number_unsigned() ? value.get<uint64_t>() : 0;
}
bool HasText(const Json& delta, const char* name) {
  const Json& value = Member(delta, name);
  return value.is_string() && !value.get_ref<const std::string&>().empty();
}

std::string ErrorIn(const Json& answer) {
  const Json& error = Member(answer, "error");
  if (error.is_string()) return error.get<std::string>();
  const Json& message = Member(error, "message");
  return message.is_string() ? message.get<std::string>() : std::string();
}

}  // namespace

Result<std::string> ChatBody(const ChatAsk& ask) {
  Json messages = Json::array();
  if (!ask.system.empty()) messages.push_back({{"role", "system"}, {"content", ask.system}});
  messages.push_back({{"role", "user"}, {"content", ask.prompt}});
  Json body = {{"model", ask.model},
               {"messages", std::move(messages)},
               {"max_tokens", ask.max_tokens},
               {"temperature", ask.temperature},
               {"stream", true},
               {"stream_options", {{"include_usage", true}}}};
  if (ask.ignore_end) body["ignore_eos"] = true;
  if (!ask.schema.empty()) {
    Json schema = Parse(ask.schema);
    if (schema.is_discarded()) return MakeError(Code::kMalformed, "the schema is no JSON");
    body["response_format"] = {
        {"type", "json_schema"},
        {"json_schema", {{"name", "answer"}, {"strict", true}, {"schema", std::move(schema)}}}};
  }
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<ChatChunk> ParseChatChunk(std::string_view data) {
  const Json chunk = Parse(data);
  if (!chunk.is_object()) return MakeError(Code::kMalformed, "an event is no JSON object");
  ChatChunk out;
  if (!Member(chunk, "error").is_null()) {
    out.error = ErrorIn(chunk);
    if (out.error.empty()) out.error = "an error without a message";
  }
  const Json& choices = Member(chunk, "choices");
  if (choices.is_array()) {
    for (const Json& choice : choices) {
      const Json& delta = Member(choice, "delta");
      out.has_text = out.has_text || HasText(delta, "content") ||
                     HasText(delta, "reasoning_content") || HasText(delta, "reasoning") ||
                     Member(delta, "tool_calls").is_array();
    }
  }
  if (const Json& usage = Member(chunk, "usage"); usage.is_object()) {
    const uint64_t prompt = CountIn(usage, "prompt_tokens");
    const uint64_t answer = CountIn(usage, "completion_tokens");
    const Json& of_prompt = Member(usage, "prompt_tokens_details");
    const Json& of_answer = Member(usage, "completion_tokens_details");
    out.usage = ChatUsage{.prompt_tokens = prompt,
                          .cached_tokens = std::min(prompt, CountIn(of_prompt, "cached_tokens")),
                          .completion_tokens = answer,
                          .forced_tokens = std::min(answer, CountIn(of_answer, "forced_tokens"))};
  }
  return out;
}

std::string ErrorMessageOf(std::string_view body) { return ErrorIn(Parse(body)); }

Result<std::string> FirstModelOf(std::string_view body) {
  const Json answer = Parse(body);
  const Json& models = Member(answer, "data");
  if (models.is_array() && !models.empty()) {
    const Json& id = Member(models[0], "id");
    if (id.is_string()) return id.get<std::string>();
  }
  return MakeError(Code::kNotFound, "the server names no model; write --model NAME");
}

}  // namespace ledge
