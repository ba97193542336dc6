// POST /api/generate. Source: Ollama's docs/api.md, "Generate a completion".
#include "api/format_fields.h"
#include "api/ollama_answer.h"
#include "api/ollama_fields.h"

namespace ledge {
namespace {

class OllamaGenerate : public OllamaAnswer {
 public:
  static ApiResult<std::unique_ptr<Exchange>> Parse(const ApiContext& context) {
    auto json = ParseJsonObject(context.body);
    if (!json.ok()) return json.error();
    FieldReader fields(*json);
    auto exchange = std::make_unique<OllamaGenerate>();
    exchange->model = ModelField(fields);
    exchange->now_ = context.now_text;
    exchange->stream = fields.Flag("stream", true);
    Ask ask;
    ReadOllamaFields(fields, *exchange, ask);
    ReadOllamaFormat(fields, ask);
    if (const Json* images = fields.Find("images"); images != nullptr && !images->empty())
      fields.Fail("images", "images can't be read by this model; leave them out");
    if (!fields.Text("suffix").empty())
      fields.Fail("suffix", "suffix can't be heeded by this build; leave it out");
    const std::string prompt = fields.Text("prompt");
    const std::string system = fields.Text("system");
    // With `raw` the prompt is all; otherwise it is a user's message.
    if (fields.Flag("raw", false)) {
      ask.kind = AskKind::kText;
      ask.text = prompt;
    } else {
      ask.kind = AskKind::kChat;
      Json messages = Json::array();
      if (!system.empty()) messages.push_back({{"role", "system"}, {"content", system}});
      messages.push_back({{"role", "user"}, {"content", prompt}});
      ask.messages = Dump(messages);
    }
    if (fields.failed()) return fields.error();
    exchange->MakeChoices(prompt.empty() ? 0 : 1);
    if (!prompt.empty()) exchange->asks.push_back(std::move(ask));
    return std::unique_ptr<Exchange>(std::move(exchange));
  }

 protected:
  void StreamPart(size_t, const AnswerPart& part, const Json&, std::string& out) override {
    Json line = Head();
    line["response"] = part.content;
    if (!part.reasoning.empty()) line["thinking"] = part.reasoning;
    line["done"] = false;
    AppendLine(line, out);
  }
  void StreamEnd(size_t choice, std::string& out) override {
    AppendLine(Last(choices_[choice], ""), out);
  }
  Json Body() override {
    if (!choices_.empty()) return Last(choices_[0], choices_[0].content);
    Json body = Head();
    body["response"] = "";
    AddLoaded(body);
    return body;
  }

 private:
  Json Last(const Choice& choice, const std::string& text) const {
    Json body = Head();
    body["response"] = text;
    if (!stream && !choice.reasoning.empty()) body["thinking"] = choice.reasoning;
    AddEnd(choice, body);
    return body;
  }
};

}  // namespace

extern const ExchangeEntry kExchange_ollama_generate;
const ExchangeEntry kExchange_ollama_generate = {"/api/generate", OllamaGenerate::Parse};

}  // namespace ledge
