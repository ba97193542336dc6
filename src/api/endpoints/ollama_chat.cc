// POST /api/chat. Source: Ollama's docs/api.md, "Generate a chat completion".
#include <fmt/format.h>

#include "api/format_fields.h"
#include "api/messages.h"
#include "api/ollama_answer.h"
#include "api/ollama_fields.h"
#include "engine/ordered_json.h"

namespace ledge {
namespace {

class OllamaChat : public OllamaAnswer {
 public:
  static ApiResult<std::unique_ptr<Exchange>> Parse(const ApiContext& context) {
    auto json = ParseJsonObject(context.body);
    if (!json.ok()) return json.error();
    FieldReader fields(*json);
    auto chat = std::make_unique<OllamaChat>();
    chat->model = ModelField(fields);
    chat->now_ = context.now_text;
    chat->stream = fields.Flag("stream", true);
    Ask ask{.kind = AskKind::kChat};
    ReadOllamaFields(fields, *chat, ask);
    ReadOllamaFormat(fields, ask);
    chat->salt_ = context.id;
    if (const Json* tools = fields.Find("tools")) UseTools(fields, *tools, {}, ask, chat->tools_);
    // Without messages: bring the model into memory, no more.
    const Json* messages = fields.Find("messages");
    const bool load_only = messages != nullptr && messages->is_array() && messages->empty();
    if (!load_only) ask.messages = Dump(ReadMessages(fields, "messages"));
    if (fields.failed()) return fields.error();
    chat->MakeChoices(load_only ? 0 : 1);
    if (!load_only) chat->asks.push_back(std::move(ask));
    return std::unique_ptr<Exchange>(std::move(chat));
  }

 protected:
  // Calls are whole ones in this API.
  void StreamPart(size_t choice, const AnswerPart& part, const Json&, std::string& out) override {
    std::vector<ToolCall> ended;
    for (const CallPart& call : part.calls) {
      if (call.ended) ended.push_back(choices_[choice].tool_calls[call.index]);
    }
    if (part.content.empty() && part.reasoning.empty() && ended.empty()) return;
    Json line = Head();
    line["message"] = Message(part.content, part.reasoning, ended);
    line["done"] = false;
    AppendLine(line, out);
  }
  void StreamEnd(size_t choice, std::string& out) override {
    AppendLine(Last(choices_[choice], Message("", "", {})), out);
  }
  Json Body() override {
    if (choices_.empty()) {
      Json body = Head();
      body["message"] = Message("", "", {});
      AddLoaded(body);
      return body;
    }
    const Choice& c = choices_[0];
    return Last(c, Message(c.content, c.reasoning, c.tool_calls));
  }

 private:
  Json Message(const std::string& content, const std::string& thinking,
               const std::vector<ToolCall>& calls) const {
    Json message = {{"role", "assistant"}, {"content", content}};
    if (!thinking.empty()) message["thinking"] = thinking;
    for (const ToolCall& call : calls) {
      // Of an answer that was broken off the last one is none.
      auto arguments = ParseOrderedJson(call.arguments);
      if (!arguments.ok()) continue;
      message["tool_calls"].push_back(
          {{"function", {{"name", call.name}, {"arguments", *std::move(arguments)}}}});
    }
    return message;
  }

  Json Last(const Choice& choice, Json message) const {
    Json body = Head();
    body["message"] = std::move(message);
    AddEnd(choice, body);
    return body;
  }
};

}  // namespace

extern const ExchangeEntry kExchange_ollama_chat;
const ExchangeEntry kExchange_ollama_chat = {"/api/chat", OllamaChat::Parse};

}  // namespace ledge
