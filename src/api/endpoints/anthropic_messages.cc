// POST /v1/messages. Source: Anthropic's API reference, "Messages" and "Streaming Messages".
#include <fmt/format.h>

#include "api/collecting_exchange.h"
#include "api/format_fields.h"
#include "api/messages.h"
#include "api/sampling_fields.h"
#include "engine/ordered_json.h"

namespace ledge {
namespace {

// Their tools -> OpenAI's, which is what templates know.
Json ToolsOf(FieldReader& fields, const Json& tools) {
  Json list = Json::array();
  if (!tools.is_array()) {
    fields.Fail("tools", fmt::format("tools is a {}; must be an array", tools.type_name()));
    return list;
  }
  for (const Json& tool : tools) {
    if (!tool.is_object() || !tool.contains("name") || !tool["name"].is_string()) {
      fields.Fail("tools", fmt::format("tools[{}] has no name; must have name and input_schema",
                                       list.size()));
      return list;
    }
    Json function = {{"name", tool["name"]}};
    if (tool.contains("description")) function["description"] = tool["description"];
    function["parameters"] = tool.contains("input_schema") ? tool["input_schema"] : Json::object();
    list.push_back({{"type", "function"}, {"function", std::move(function)}});
  }
  return list;
}

ToolChoice ChoiceOf(FieldReader& fields) {
  const Json* given = fields.Find("tool_choice");
  if (given == nullptr) return {};
  const Json none = Json::object();
  FieldReader choice(given->is_object() ? *given : none, "tool_choice.");
  const std::string type = choice.Text("type");
  const std::string name = choice.Text("name");
  const bool one_call = choice.Flag("disable_parallel_tool_use", false);
  if (choice.failed()) fields.Fail("tool_choice", choice.error().message);
  if (type == "none") return {.kind = ToolChoice::Kind::kNone};
  if (type == "any") return {.kind = ToolChoice::Kind::kRequired, .one_call = one_call};
  if (type == "tool" && !name.empty())
    return {.kind = ToolChoice::Kind::kNamed, .name = name, .one_call = one_call};
  if (type != "auto")
    fields.Fail("tool_choice",
                "tool_choice has no known type; must be auto, any, none, or tool with a name");
  return {.one_call = one_call};
}

// One of their messages -> one or more of OpenAI's.
void AddMessage(FieldReader& fields, const std::string& where, const Json& message, Json& list) {
  const auto role = message.is_object() ? message.find("role") : message.end();
  if (!message.is_object() || role == message.end() || !(*role == "user" || *role == "assistant")) {
    fields.Fail(where + ".role", where + ".role is missing or unknown; must be user or assistant");
    return;
  }
  const auto content = message.find("content");
  if (content == message.end()) {
    fields.Fail(where + ".content",
                where + ".content is missing; must be a string or an array of blocks");
    return;
  }
  if (!content->is_array()) {
    list.push_back(
        {{"role", *role}, {"content", TextOfContent(fields, where + ".content", *content)}});
    return;
  }
  std::string text;
  Json calls = Json::array();
  size_t index = 0;
  for (const Json& block : *content) {
    const std::string at = fmt::format("{}.content[{}]", where, index++);
    const std::string type =
        block.is_object() && block.contains("type") && block["type"].is_string()
            ? block["type"].get<std::string>()
            : "";
    if (type == "text") {
      text += TextOfContent(fields, at, Json::array({block}));
    } else if (type == "tool_use" && block.contains("name") && block["name"].is_string()) {
      calls.push_back(
          {{"id", block.value("id", Json(""))},
           {"type", "function"},
           {"function",
            {{"name", block["name"]}, {"arguments", block.value("input", Json::object())}}}});
    } else if (type == "tool_result") {
      list.push_back(
          {{"role", "tool"},
           {"tool_call_id", block.value("tool_use_id", Json(""))},
           {"content", TextOfContent(fields, at + ".content", block.value("content", Json("")))}});
    } else if (type != "thinking" && type != "redacted_thinking") {
      fields.Fail(at, fmt::format("{} is of type '{}'; must be text, tool_use or tool_result", at,
                                  PrintableLine(type, 40)));
      return;
    }
  }
  if (text.empty() && calls.empty()) return;
  Json one = {{"role", *role}, {"content", text}};
  if (!calls.empty()) one["tool_calls"] = std::move(calls);
  list.push_back(std::move(one));
}

class AnthropicMessages : public CollectingExchange {
 public:
  static ApiResult<std::unique_ptr<Exchange>> Parse(const ApiContext& context) {
    auto json = ParseJsonObject(context.body);
    if (!json.ok()) return json.error();
    FieldReader fields(*json);
    auto exchange = std::make_unique<AnthropicMessages>();
    exchange->model = ModelField(fields);
    exchange->id_ = "msg_" + context.id;
    exchange->salt_ = context.id;
    exchange->Read(fields);
    if (fields.failed()) return fields.error();
    return std::unique_ptr<Exchange>(std::move(exchange));
  }

  std::string ErrorPiece(const ApiError& error) const override {
    std::string out;
    AppendTypedEvent(Json::parse(ErrorBody(ApiStyle::kAnthropic, error)), out);
    return out;
  }

 protected:
  ApiStyle style() const override { return ApiStyle::kAnthropic; }

  void StreamBegin(size_t choice, std::string& out) override {
    Json message = Head();
    message["content"] = Json::array();
    message["stop_reason"] = nullptr;
    message["stop_sequence"] = nullptr;
    message["usage"] = Usage(choices_[choice]);
    AppendTypedEvent({{"type", "message_start"}, {"message", std::move(message)}}, out);
  }

  void StreamPart(size_t, const AnswerPart& part, const Json&, std::string& out) override {
    if (!part.reasoning.empty()) {
      Open("thinking", {{"type", "thinking"}, {"thinking", ""}, {"signature", ""}}, out);
      Delta({{"type", "thinking_delta"}, {"thinking", part.reasoning}}, out);
    }
    if (!part.content.empty()) {
      Open("text", {{"type", "text"}, {"text", ""}}, out);
      Delta({{"type", "text_delta"}, {"text", part.content}}, out);
    }
    for (const CallPart& call : part.calls) {
      if (!call.name.empty()) {
        Open(
            "tool_use",
            {{"type", "tool_use"}, {"id", call.id}, {"name", call.name}, {"input", Json::object()}},
            out);
      }
      if (!call.arguments.empty())
        Delta({{"type", "input_json_delta"}, {"partial_json", call.arguments}}, out);
      if (call.ended) Close(out);
    }
  }

  void StreamEnd(size_t choice, std::string& out) override {
    Close(out);
    const Choice& c = choices_[choice];
    Json delta = {{"stop_reason", StopReason(c)}, {"stop_sequence", StopSequence(c)}};
    AddShift(c.usage, delta);
    AppendTypedEvent({{"type", "message_delta"}, {"delta", std::move(delta)}, {"usage", Usage(c)}},
                     out);
  }

  void StreamAllEnded(std::string& out) override {
    AppendTypedEvent({{"type", "message_stop"}}, out);
  }

  Json Body() override {
    const Choice& c = choices_[0];
    Json content = Json::array();
    if (!c.reasoning.empty())
      content.push_back({{"type", "thinking"}, {"thinking", c.reasoning}, {"signature", ""}});
    if (!c.content.empty() || c.tool_calls.empty())
      content.push_back({{"type", "text"}, {"text", c.content}});
    for (const ToolCall& call : c.tool_calls) {
      auto input = ParseOrderedJson(call.arguments);
      content.push_back({{"type", "tool_use"},
                         {"id", call.id},
                         {"name", call.name},
                         {"input", input.ok() ? *std::move(input) : Json::object()}});
    }
    Json body = Head();
    body["content"] = std::move(content);
    body["stop_reason"] = StopReason(c);
    body["stop_sequence"] = StopSequence(c);
    AddShift(c.usage, body);
    body["usage"] = Usage(c);
    return body;
  }

 private:
  void Read(FieldReader& fields) {
    stream = fields.Flag("stream", false);
    Ask ask{.kind = AskKind::kChat};
    ReadSamplingFields(fields, ask);
    ask.stop = fields.Texts("stop_sequences", 16);
    for (const std::string& stop : ask.stop) {
      if (stop.empty() || stop.size() > 256)
        fields.Fail("stop_sequences",
                    "a stop sequence is empty or too long; must have 1 to 256 bytes");
    }
    const auto most = fields.OptionalWhole("max_tokens", 1, UINT32_MAX);
    if (!most && !fields.failed())
      fields.Fail("max_tokens", "max_tokens is missing; must be a whole number from 1");
    ask.max_tokens = static_cast<uint64_t>(most.value_or(1));
    Json messages = Json::array();
    if (const Json* system = fields.Find("system"))
      messages.push_back(
          {{"role", "system"}, {"content", TextOfContent(fields, "system", *system)}});
    const Json* given = fields.Find("messages");
    if (given == nullptr || !given->is_array() || given->empty() || given->size() > kMaxMessages) {
      fields.Fail("messages",
                  fmt::format("messages is missing or no array of 1 to {} messages", kMaxMessages));
      return;
    }
    size_t index = 0;
    for (const Json& message : *given) {
      if (fields.failed()) return;
      AddMessage(fields, fmt::format("messages[{}]", index++), message, messages);
    }
    ask.messages = Dump(messages);
    if (const Json* format = fields.Find("output_format"))
      ReadFlatFormat(fields, "output_format", *format, ask);
    ReadNestedFormat(fields, "output_config", ask);
    const ToolChoice choice = ChoiceOf(fields);
    const Json* tools = fields.Find("tools");
    if (tools != nullptr || choice.kind != ToolChoice::Kind::kAuto)
      UseTools(fields, tools == nullptr ? Json::array() : ToolsOf(fields, *tools), choice, ask,
               tools_);
    MakeChoices(1);
    asks.push_back(std::move(ask));
  }

  Json Head() const {
    return {{"id", id_}, {"type", "message"}, {"role", "assistant"}, {"model", model}};
  }
  static std::string_view StopReason(const Choice& choice) {
    if (choice.finish == AskFinish::kLength) return "max_tokens";
    if (choice.finish == AskFinish::kToolCalls) return "tool_use";
    return choice.stop_string.empty() ? "end_turn" : "stop_sequence";
  }
  static Json StopSequence(const Choice& choice) {
    return choice.stop_string.empty() ? Json(nullptr) : Json(choice.stop_string);
  }
  // Their input_tokens are those that were computed.
  static Json Usage(const Choice& choice) {
    return {{"input_tokens", choice.usage.prompt_tokens - choice.usage.cached_tokens},
            {"cache_read_input_tokens", choice.usage.cached_tokens},
            {"cache_creation_input_tokens", 0},
            {"output_tokens", choice.usage.completion_tokens}};
  }

  void Open(std::string_view kind, Json block, std::string& out) {
    if (open_ == kind && kind != "tool_use") return;
    Close(out);
    open_ = kind;
    AppendTypedEvent(
        {{"type", "content_block_start"}, {"index", block_}, {"content_block", std::move(block)}},
        out);
  }
  void Delta(Json delta, std::string& out) {
    AppendTypedEvent(
        {{"type", "content_block_delta"}, {"index", block_}, {"delta", std::move(delta)}}, out);
  }
  void Close(std::string& out) {
    if (open_.empty()) return;
    AppendTypedEvent({{"type", "content_block_stop"}, {"index", block_}}, out);
    open_ = "";
    ++block_;
  }

  std::string id_;
  std::string_view open_;  // the kind of the block that is open
  size_t block_ = 0;
};

}  // namespace

extern const ExchangeEntry kExchange_anthropic_messages;
const ExchangeEntry kExchange_anthropic_messages = {"/v1/messages", AnthropicMessages::Parse};

}  // namespace ledge
