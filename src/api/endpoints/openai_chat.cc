// POST /v1/chat/completions. Source: OpenAI's API reference, "Create chat completion".
#include <fmt/format.h>

#include "api/collecting_exchange.h"
#include "api/format_fields.h"
#include "api/messages.h"
#include "api/sampling_fields.h"

namespace ledge {
namespace {

inline constexpr int64_t kMaxChoices = 16;

class OpenAiChat : public CollectingExchange {
 public:
  static ApiResult<std::unique_ptr<Exchange>> Parse(const ApiContext& context) {
    auto json = ParseJsonObject(context.body);
    if (!json.ok()) return json.error();
    FieldReader fields(*json);
    auto chat = std::make_unique<OpenAiChat>();
    chat->model = ModelField(fields);
    chat->Read(fields);
    if (fields.failed()) return fields.error();
    chat->id_ = "chatcmpl-" + context.id;
    chat->salt_ = context.id;
    chat->created_ = context.unix_seconds;
    return std::unique_ptr<Exchange>(std::move(chat));
  }

 protected:
  void StreamBegin(size_t choice, std::string& out) override {
    AppendEvent(Chunk(choice, {{"role", "assistant"}, {"content", ""}}, nullptr, {}), out);
  }

  void StreamPart(size_t choice, const AnswerPart& part, const Json& logprobs,
                  std::string& out) override {
    Json delta = Json::object();
    if (!part.content.empty() || part.empty()) delta["content"] = part.content;
    if (!part.reasoning.empty()) delta["reasoning_content"] = part.reasoning;
    if (!delta.empty() || !logprobs.empty())
      AppendEvent(Chunk(choice, std::move(delta), nullptr, logprobs), out);
    for (const CallPart& call : part.calls) StreamCall(choice, call, out);
  }

  void StreamEnd(size_t choice, std::string& out) override {
    Json last = Chunk(choice, Json::object(), Json(OpenAiFinish(choices_[choice].finish)), {});
    if (wants_ids_) last["choices"][0]["token_ids"] = choices_[choice].ids;
    AddShift(choices_[choice].usage, last["choices"][0]);
    AppendEvent(last, out);
  }

  void StreamAllEnded(std::string& out) override {
    if (include_usage_) {
      Json last = Head("chat.completion.chunk");
      last["choices"] = Json::array();
      last["usage"] = OpenAiUsage(TotalUsage());
      AppendEvent(last, out);
    }
    out += "data: [DONE]\n\n";
  }

  Json Body() override {
    Json body = Head("chat.completion");
    body["choices"] = Json::array();
    for (size_t i = 0; i < choices_.size(); ++i) {
      const Choice& c = choices_[i];
      Json message = {{"role", "assistant"}, {"content", c.content}};
      if (!c.reasoning.empty()) message["reasoning_content"] = c.reasoning;
      if (!c.tool_calls.empty()) {
        if (c.content.empty()) message["content"] = nullptr;
        message["tool_calls"] = ToolCallsJson(c.tool_calls);
      }
      Json logprobs = nullptr;
      if (wants_logprobs_) logprobs = {{"content", c.logprobs}};
      body["choices"].push_back({{"index", i},
                                 {"message", std::move(message)},
                                 {"logprobs", std::move(logprobs)},
                                 {"finish_reason", OpenAiFinish(c.finish)}});
      if (wants_ids_) body["choices"].back()["token_ids"] = c.ids;
      AddShift(c.usage, body["choices"].back());
    }
    body["usage"] = OpenAiUsage(TotalUsage());
    return body;
  }

 private:
  // Its name, then its arguments as they come.
  void StreamCall(size_t choice, const CallPart& call, std::string& out) {
    const auto send = [&](Json part) {
      AppendEvent(Chunk(choice, {{"tool_calls", Json::array({std::move(part)})}}, nullptr, {}),
                  out);
    };
    if (!call.name.empty()) {
      send({{"index", call.index},
            {"id", call.id},
            {"type", "function"},
            {"function", {{"name", call.name}, {"arguments", ""}}}});
    }
    if (!call.arguments.empty())
      send({{"index", call.index}, {"function", {{"arguments", call.arguments}}}});
  }

  void Read(FieldReader& fields) {
    stream = fields.Flag("stream", false);
    if (const Json* options = fields.Find("stream_options")) {
      if (!options->is_object()) {
        fields.Fail("stream_options",
                    "stream_options is no object; must be {\"include_usage\":true}");
      } else {
        FieldReader inner(*options, "stream_options.");
        include_usage_ = inner.Flag("include_usage", false);
        if (inner.failed()) fields.Fail("stream_options", inner.error().message);
      }
    }
    Ask ask{.kind = AskKind::kChat};
    ReadSamplingFields(fields, ask);
    for (const char* name : {"max_tokens", "max_completion_tokens"}) {
      if (const auto most = fields.OptionalWhole(name, 0, UINT32_MAX))
        ask.max_tokens = static_cast<uint64_t>(*most);
    }
    wants_ids_ = ask.echo_tokens = fields.Flag("return_token_ids", false);
    wants_logprobs_ = fields.Flag("logprobs", false);
    const int64_t top = fields.Whole("top_logprobs", 0, 0, kMaxTopLogprobs);
    if (wants_logprobs_) ask.sampling.top_logprobs = static_cast<int32_t>(top);
    const int64_t n = fields.Whole("n", 1, 1, kMaxChoices);
    ReadResponseFormat(fields, ask);
    ask.messages = Dump(ReadMessages(fields, "messages"));
    const ToolChoice choice = ReadToolChoice(fields);
    const Json* tools = fields.Find("tools");
    UseTools(fields, tools == nullptr ? Json::array() : *tools, choice, ask, tools_);
    if (const Json* variables = fields.Find("chat_template_kwargs")) {
      if (!variables->is_object())
        fields.Fail("chat_template_kwargs", "chat_template_kwargs is no object; must be one");
      ask.variables = Dump(*variables);
    }
    MakeChoices(static_cast<size_t>(n));
    // Choices of one seed differ, and are the same again the next time.
    for (int64_t i = 0; i < n; ++i) {
      asks.push_back(ask);
      ++ask.sampling.seed;
    }
  }

  Json Head(std::string_view object) const {
    return {{"id", id_}, {"object", object}, {"created", created_}, {"model", model}};
  }

  Json Chunk(size_t choice, Json delta, Json finish, const Json& logprobs) const {
    Json chunk = Head("chat.completion.chunk");
    Json entry = {{"index", choice}, {"delta", std::move(delta)}, {"logprobs", nullptr}};
    if (!logprobs.is_null() && !logprobs.empty()) entry["logprobs"] = {{"content", logprobs}};
    entry["finish_reason"] = std::move(finish);
    chunk["choices"] = Json::array({std::move(entry)});
    if (include_usage_) chunk["usage"] = nullptr;
    return chunk;
  }

  std::string id_;
  int64_t created_ = 0;
  bool include_usage_ = false;
  bool wants_logprobs_ = false;
  bool wants_ids_ = false;
};

}  // namespace

extern const ExchangeEntry kExchange_openai_chat;
const ExchangeEntry kExchange_openai_chat = {"/v1/chat/completions", OpenAiChat::Parse};

}  // namespace ledge
