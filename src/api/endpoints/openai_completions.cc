// POST /v1/completions: text without a template. Source: OpenAI's API reference, "Create
// completion".
#include <fmt/format.h>

#include "api/collecting_exchange.h"
#include "api/format_fields.h"
#include "api/sampling_fields.h"
#include "api/text_inputs.h"

namespace ledge {
namespace {

class OpenAiCompletions : public CollectingExchange {
 public:
  static ApiResult<std::unique_ptr<Exchange>> Parse(const ApiContext& context) {
    auto json = ParseJsonObject(context.body);
    if (!json.ok()) return json.error();
    FieldReader fields(*json);
    auto exchange = std::make_unique<OpenAiCompletions>();
    exchange->model = ModelField(fields);
    exchange->Read(fields);
    if (fields.failed()) return fields.error();
    exchange->id_ = "cmpl-" + context.id;
    exchange->created_ = context.unix_seconds;
    return std::unique_ptr<Exchange>(std::move(exchange));
  }

 protected:
  void StreamBegin(size_t choice, std::string& out) override {
    if (!echo_[choice].empty()) AppendEvent(Chunk(choice, echo_[choice], {}, nullptr), out);
  }
  void StreamPart(size_t choice, const AnswerPart& part, const Json& logprobs,
                  std::string& out) override {
    AppendEvent(Chunk(choice, part.content, logprobs, nullptr), out);
  }
  void StreamEnd(size_t choice, std::string& out) override {
    Json last = Chunk(choice, "", {}, Json(OpenAiFinish(choices_[choice].finish)));
    if (wants_ids_) last["choices"][0]["token_ids"] = choices_[choice].ids;
    AddShift(choices_[choice].usage, last["choices"][0]);
    AppendEvent(last, out);
  }
  void StreamAllEnded(std::string& out) override {
    if (include_usage_) {
      Json last = Head();
      last["choices"] = Json::array();
      last["usage"] = Usage();
      AppendEvent(last, out);
    }
    out += "data: [DONE]\n\n";
  }

  Json Body() override {
    Json body = Head();
    body["choices"] = Json::array();
    for (size_t i = 0; i < choices_.size(); ++i) {
      const Choice& c = choices_[i];
      body["choices"].push_back({{"text", echo_[i] + c.content},
                                 {"index", i},
                                 {"logprobs", Logprobs(c.logprobs)},
                                 {"finish_reason", OpenAiFinish(c.finish)}});
      if (wants_ids_) body["choices"].back()["token_ids"] = c.ids;
      AddShift(c.usage, body["choices"].back());
    }
    body["usage"] = Usage();
    return body;
  }

 private:
  void Read(FieldReader& fields) {
    stream = fields.Flag("stream", false);
    if (const Json* options = fields.Find("stream_options"); options && options->is_object()) {
      FieldReader inner(*options, "stream_options.");
      include_usage_ = inner.Flag("include_usage", false);
      if (inner.failed()) fields.Fail("stream_options", inner.error().message);
    }
    Ask ask{.kind = AskKind::kText};
    ReadSamplingFields(fields, ask);
    ReadResponseFormat(fields, ask);
    wants_ids_ = ask.echo_tokens = fields.Flag("return_token_ids", false);
    ask.max_tokens = static_cast<uint64_t>(fields.Whole("max_tokens", 16, 0, UINT32_MAX));
    if (const auto logprobs = fields.OptionalWhole("logprobs", 0, kMaxTopLogprobs)) {
      ask.sampling.top_logprobs = static_cast<int32_t>(*logprobs);
      wants_logprobs_ = true;
    }
    if (!fields.Text("suffix").empty())
      fields.Fail("suffix", "suffix can't be heeded by this build; leave it out");
    if (fields.Whole("best_of", 1, 1, 1) != 1) return;
    n_ = fields.Whole("n", 1, 1, 16);
    const bool echo = fields.Flag("echo", false);
    const std::vector<TextInput> prompts = ReadTextInputs(fields, "prompt", 64);
    const size_t count = prompts.size() * static_cast<size_t>(n_);
    MakeChoices(count);
    for (Choice& choice : choices_) choice.reader = MakePlainReader();
    for (const TextInput& prompt : prompts) {
      Ask one = ask;
      one.kind = prompt.is_text ? AskKind::kText : AskKind::kTokens;
      one.text = prompt.text;
      one.tokens = prompt.tokens;
      for (int64_t i = 0; i < n_; ++i) {
        asks.push_back(one);
        echo_.push_back(echo ? prompt.text : std::string());
        ++one.sampling.seed;
      }
    }
  }

  // Prompts count once each, whatever n is.
  Json Usage() const {
    AskUsage usage;
    for (size_t i = 0; i < choices_.size(); ++i) {
      usage.completion_tokens += choices_[i].usage.completion_tokens;
      usage.forced_tokens += choices_[i].usage.forced_tokens;
      if (i % static_cast<size_t>(n_) != 0) continue;
      usage.prompt_tokens += choices_[i].usage.prompt_tokens;
      usage.cached_tokens += choices_[i].usage.cached_tokens;
    }
    return OpenAiUsage(usage);
  }

  Json Logprobs(const Json& entries) const {
    if (!wants_logprobs_) return nullptr;
    Json lists = {{"tokens", Json::array()},
                  {"token_logprobs", Json::array()},
                  {"top_logprobs", Json::array()}};
    for (const Json& entry : entries) {
      lists["tokens"].push_back(entry["token"]);
      lists["token_logprobs"].push_back(entry["logprob"]);
      Json top = Json::object();
      for (const Json& other : entry["top_logprobs"])
        top[other["token"].get<std::string>()] = other["logprob"];
      lists["top_logprobs"].push_back(std::move(top));
    }
    return lists;
  }

  Json Head() const {
    return {{"id", id_}, {"object", "text_completion"}, {"created", created_}, {"model", model}};
  }

  Json Chunk(size_t choice, const std::string& text, const Json& logprobs, Json finish) const {
    Json chunk = Head();
    chunk["choices"] = Json::array(
        {{{"text", text},
          {"index", choice},
          {"logprobs", logprobs.is_null() || logprobs.empty() ? Json(nullptr) : Logprobs(logprobs)},
          {"finish_reason", std::move(finish)}}});
    return chunk;
  }

  std::string id_;
  int64_t created_ = 0;
  int64_t n_ = 1;
  bool include_usage_ = false;
  bool wants_logprobs_ = false;
  bool wants_ids_ = false;
  std::vector<std::string> echo_;
};

}  // namespace

extern const ExchangeEntry kExchange_openai_completions;
const ExchangeEntry kExchange_openai_completions = {"/v1/completions", OpenAiCompletions::Parse};

}  // namespace ledge
