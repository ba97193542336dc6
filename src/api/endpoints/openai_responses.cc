// POST /v1/responses, without a store: every request brings its whole conversation. Source:
// OpenAI's API reference, "Create a model response" and "Streaming events".
#include <fmt/format.h>

#include <utility>

#include "api/collecting_exchange.h"
#include "api/format_fields.h"
#include "api/messages.h"
#include "api/sampling_fields.h"

namespace ledge {
namespace {

class OpenAiResponses : public CollectingExchange {
 public:
  static ApiResult<std::unique_ptr<Exchange>> Parse(const ApiContext& context) {
    auto json = ParseJsonObject(context.body);
    if (!json.ok()) return json.error();
    FieldReader fields(*json);
    auto exchange = std::make_unique<OpenAiResponses>();
    exchange->model = ModelField(fields);
    exchange->id_ = context.id;
    exchange->salt_ = context.id;
    exchange->created_ = context.unix_seconds;
    exchange->Read(fields);
    if (fields.failed()) return fields.error();
    return std::unique_ptr<Exchange>(std::move(exchange));
  }

 protected:
  void StreamBegin(size_t, std::string& out) override {
    Emit({{"type", "response.created"}, {"response", Response("in_progress", Json::array())}}, out);
    Emit({{"type", "response.in_progress"}, {"response", Response("in_progress", Json::array())}},
         out);
  }
  void StreamPart(size_t choice, const AnswerPart& part, const Json&, std::string& out) override {
    if (!part.reasoning.empty() && HasReasoning(choices_[0]) && !reasoning_over_)
      StreamReasoning(part.reasoning, out);
    if (!part.content.empty() || !part.calls.empty()) {
      CloseReasoning(out);
      reasoning_over_ = true;
    }
    if (!part.content.empty()) {
      OpenMessage(out);
      Emit({{"type", "response.output_text.delta"},
            {"item_id", "msg_" + id_},
            {"output_index", MessageIndex(choices_[0])},
            {"content_index", 0},
            {"logprobs", Json::array()},
            {"delta", part.content}},
           out);
    }
    for (const CallPart& call : part.calls)
      StreamCall(choices_[choice].tool_calls[call.index], call, out);
  }
  void StreamEnd(size_t choice, std::string& out) override {
    const Choice& c = choices_[choice];
    CloseReasoning(out);
    if (HasMessage(c)) {
      OpenMessage(out);
      Emit({{"type", "response.output_text.done"},
            {"item_id", "msg_" + id_},
            {"output_index", MessageIndex(choices_[0])},
            {"content_index", 0},
            {"logprobs", Json::array()},
            {"text", c.content}},
           out);
      Emit({{"type", "response.content_part.done"},
            {"item_id", "msg_" + id_},
            {"output_index", MessageIndex(choices_[0])},
            {"content_index", 0},
            {"part", Part(c.content)}},
           out);
      Emit({{"type", "response.output_item.done"},
            {"output_index", MessageIndex(choices_[0])},
            {"item", FinalItem(c)}},
           out);
    }
  }
  void StreamAllEnded(std::string& out) override {
    const Json body = Body();
    const bool cut = choices_[0].finish == AskFinish::kLength;
    Emit({{"type", cut ? "response.incomplete" : "response.completed"}, {"response", body}}, out);
    out += "data: [DONE]\n\n";
  }

  Json Body() override {
    const Choice& c = choices_[0];
    Json output = Json::array();
    if (HasReasoning(c)) output.push_back(ReasoningItem(c.reasoning, ThoughtsStatus(c)));
    for (size_t i = 0; i <= c.tool_calls.size(); ++i) {
      if (HasMessage(c) && output.size() == MessageIndex(c)) output.push_back(FinalItem(c));
      if (i < c.tool_calls.size()) output.push_back(CallItem(c.tool_calls[i]));
    }
    const bool cut = c.finish == AskFinish::kLength;
    Json body = Response(cut ? "incomplete" : "completed", std::move(output));
    if (cut) body["incomplete_details"] = {{"reason", "max_output_tokens"}};
    AddShift(c.usage, body);
    body["usage"] = {{"input_tokens", c.usage.prompt_tokens},
                     {"input_tokens_details", {{"cached_tokens", c.usage.cached_tokens}}},
                     {"output_tokens", c.usage.completion_tokens},
                     {"output_tokens_details", {{"reasoning_tokens", c.usage.reasoning_tokens}}},
                     {"total_tokens", c.usage.prompt_tokens + c.usage.completion_tokens}};
    return body;
  }

 private:
  // What comes behind other parts of the answer is no item of its own.
  static bool HasReasoning(const Choice& choice) {
    return choice.reasoning_first && !choice.reasoning.empty();
  }
  // An answer of calls alone has none, nor one that was cut while it was thought about.
  static bool HasMessage(const Choice& choice) {
    return !choice.content.empty() || (choice.tool_calls.empty() && !HasReasoning(choice));
  }

  // Among the items of the answer, which stand in the order in which they began.
  static size_t MessageIndex(const Choice& choice) {
    return (HasReasoning(choice) ? 1 : 0) +
           (choice.content.empty() ? 0 : choice.calls_before_content);
  }

  static std::string_view ThoughtsStatus(const Choice& choice) {
    const bool more = !choice.content.empty() || !choice.tool_calls.empty();
    return choice.finish == AskFinish::kLength && !more ? "incomplete" : "completed";
  }

  void StreamReasoning(const std::string& text, std::string& out) {
    if (!reasoning_open_) {
      reasoning_open_ = true;
      Emit({{"type", "response.output_item.added"},
            {"output_index", 0},
            {"item", ReasoningItem("", "in_progress")}},
           out);
    }
    Emit({{"type", "response.reasoning_text.delta"},
          {"item_id", "rs_" + id_},
          {"output_index", 0},
          {"content_index", 0},
          {"delta", text}},
         out);
  }

  void CloseReasoning(std::string& out) {
    if (!std::exchange(reasoning_open_, false)) return;
    const Choice& c = choices_[0];
    Emit({{"type", "response.reasoning_text.done"},
          {"item_id", "rs_" + id_},
          {"output_index", 0},
          {"content_index", 0},
          {"text", c.reasoning}},
         out);
    Emit({{"type", "response.output_item.done"},
          {"output_index", 0},
          {"item", ReasoningItem(c.reasoning, ThoughtsStatus(c))}},
         out);
  }

  void OpenMessage(std::string& out) {
    if (message_open_) return;
    message_open_ = true;
    Emit({{"type", "response.output_item.added"},
          {"output_index", MessageIndex(choices_[0])},
          {"item", Item("in_progress", Json::array())}},
         out);
    Emit({{"type", "response.content_part.added"},
          {"item_id", "msg_" + id_},
          {"output_index", MessageIndex(choices_[0])},
          {"content_index", 0},
          {"part", Part("")}},
         out);
  }

  // `call` as it is by now, `part` what is new of it.
  void StreamCall(const ToolCall& call, const CallPart& part, std::string& out) {
    const Choice& c = choices_[0];
    const bool behind = !c.content.empty() && part.index >= c.calls_before_content;
    const size_t index = part.index + (HasReasoning(c) ? 1 : 0) + (behind ? 1 : 0);
    if (!part.name.empty()) {
      Json begun = CallItem(call);
      begun["arguments"] = "";
      begun["status"] = "in_progress";
      Emit({{"type", "response.output_item.added"}, {"output_index", index}, {"item", begun}}, out);
    }
    if (!part.arguments.empty()) {
      Emit({{"type", "response.function_call_arguments.delta"},
            {"item_id", "fc_" + call.id},
            {"output_index", index},
            {"delta", part.arguments}},
           out);
    }
    if (!part.ended) return;
    Emit({{"type", "response.function_call_arguments.done"},
          {"item_id", "fc_" + call.id},
          {"output_index", index},
          {"name", call.name},
          {"arguments", call.arguments}},
         out);
    Emit({{"type", "response.output_item.done"}, {"output_index", index}, {"item", CallItem(call)}},
         out);
  }

  void Read(FieldReader& fields) {
    stream = fields.Flag("stream", false);
    if (!fields.Text("previous_response_id").empty())
      fields.Fail("previous_response_id",
                  "responses are not stored here; give the whole conversation in input");
    Ask ask{.kind = AskKind::kChat};
    ReadSamplingFields(fields, ask);
    if (const auto most = fields.OptionalWhole("max_output_tokens", 1, UINT32_MAX))
      ask.max_tokens = static_cast<uint64_t>(*most);
    ReadNestedFormat(fields, "text", ask);
    Json messages = Json::array();
    if (const std::string system = fields.Text("instructions"); !system.empty())
      messages.push_back({{"role", "system"}, {"content", system}});
    const Json* input = fields.Find("input");
    if (input == nullptr || !(input->is_string() || input->is_array()) || input->empty()) {
      fields.Fail("input", "input is missing or empty; must be a string or an array of items");
      return;
    }
    if (input->is_string()) {
      messages.push_back({{"role", "user"}, {"content", *input}});
    } else {
      size_t index = 0;
      for (const Json& item : *input)
        AddItem(fields, fmt::format("input[{}]", index++), item, messages);
    }
    if (messages.size() > kMaxMessages)
      fields.Fail("input", fmt::format("input has more than {} items; must be at most that many",
                                       kMaxMessages));
    ask.messages = Dump(messages);
    const ToolChoice choice = ReadToolChoice(fields);
    UseTools(fields, NestedTools(fields), choice, ask, tools_);
    MakeChoices(1);
    asks.push_back(std::move(ask));
  }

  static void AddItem(FieldReader& fields, const std::string& where, const Json& item,
                      Json& messages) {
    if (fields.failed()) return;
    const Json type = item.is_object() ? item.value("type", Json("message")) : Json();
    if (type == "function_call") {
      messages.push_back({{"role", "assistant"},
                          {"content", ""},
                          {"tool_calls",
                           {{{"id", item.value("call_id", Json(""))},
                             {"type", "function"},
                             {"function",
                              {{"name", item.value("name", Json(""))},
                               {"arguments", item.value("arguments", Json("{}"))}}}}}}});
      return;
    }
    if (type == "function_call_output") {
      messages.push_back(
          {{"role", "tool"},
           {"tool_call_id", item.value("call_id", Json(""))},
           {"content", TextOfContent(fields, where + ".output", item.value("output", Json("")))}});
      return;
    }
    if (type == "reasoning") return;
    const Json role = item.is_object() ? item.value("role", Json()) : Json();
    if (type != "message" ||
        !(role == "user" || role == "assistant" || role == "system" || role == "developer")) {
      fields.Fail(where, where + " is no message; must have a role of user, assistant or system");
      return;
    }
    messages.push_back(
        {{"role", role == "developer" ? Json("system") : role},
         {"content", TextOfContent(fields, where + ".content", item.value("content", Json("")))}});
  }

  // Their tools are flat; templates know the nested form.
  static Json NestedTools(FieldReader& fields) {
    const Json* tools = fields.Find("tools");
    Json list = Json::array();
    if (tools == nullptr) return list;
    for (const Json& tool : *tools) {
      if (!tool.is_object() || tool.value("type", Json("")) != "function" ||
          !tool.contains("name")) {
        fields.Fail(
            "tools",
            fmt::format("tools[{}] is no function; must be {{\"type\":\"function\",\"name\":...}}",
                        list.size()));
        return list;
      }
      Json function = tool;
      function.erase("type");
      list.push_back({{"type", "function"}, {"function", std::move(function)}});
    }
    return list;
  }

  Json Part(const std::string& text) const {
    return {{"type", "output_text"},
            {"text", text},
            {"annotations", Json::array()},
            {"logprobs", Json::array()}};
  }
  Json Item(std::string_view status, Json content) const {
    return {{"id", "msg_" + id_},
            {"type", "message"},
            {"status", status},
            {"role", "assistant"},
            {"content", std::move(content)}};
  }
  Json FinalItem(const Choice& choice) const {
    return Item(choice.finish == AskFinish::kLength ? "incomplete" : "completed",
                Json::array({Part(choice.content)}));
  }
  // As models give it that show what they think, not a summary.
  Json ReasoningItem(const std::string& text, std::string_view status) const {
    Json content = Json::array();
    if (!text.empty()) content.push_back({{"type", "reasoning_text"}, {"text", text}});
    return {{"id", "rs_" + id_},
            {"type", "reasoning"},
            {"summary", Json::array()},
            {"content", std::move(content)},
            {"status", status}};
  }
  static Json CallItem(const ToolCall& call) {
    return {{"type", "function_call"},     {"id", "fc_" + call.id},
            {"call_id", call.id},          {"name", call.name},
            {"arguments", call.arguments}, {"status", call.broken ? "incomplete" : "completed"}};
  }
  Json Response(std::string_view status, Json output) const {
    return {{"id", "resp_" + id_},
            {"object", "response"},
            {"created_at", created_},
            {"status", status},
            {"error", nullptr},
            {"incomplete_details", nullptr},
            {"instructions", nullptr},
            {"metadata", Json::object()},
            {"model", model},
            {"output", std::move(output)},
            {"parallel_tool_calls", !tools_.one_call},
            {"temperature", nullptr},
            {"tool_choice", "auto"},
            {"tools", Json::array()},
            {"top_p", nullptr},
            {"store", false}};
  }
  void Emit(Json event, std::string& out) {
    event["sequence_number"] = sequence_++;
    AppendTypedEvent(event, out);
  }

  std::string id_;
  int64_t created_ = 0;
  uint64_t sequence_ = 0;
  bool reasoning_open_ = false;
  bool reasoning_over_ = false;
  bool message_open_ = false;
};

}  // namespace

extern const ExchangeEntry kExchange_openai_responses;
const ExchangeEntry kExchange_openai_responses = {"/v1/responses", OpenAiResponses::Parse};

}  // namespace ledge
