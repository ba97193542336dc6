// POST /api/embed. Source: Ollama's docs/api.md, "Generate Embeddings".
#include "api/ollama_fields.h"
#include "api/vectors_exchange.h"

namespace ledge {
namespace {

class OllamaEmbed : public VectorsExchange {
 public:
  static ApiResult<std::unique_ptr<Exchange>> Parse(const ApiContext& context) {
    auto json = ParseJsonObject(context.body);
    if (!json.ok()) return json.error();
    FieldReader fields(*json);
    auto exchange = std::make_unique<OllamaEmbed>();
    exchange->model = ModelField(fields);
    exchange->dimensions_ = static_cast<size_t>(fields.Whole("dimensions", 0, 1, 1 << 20));
    Ask unused;
    ReadOllamaFields(fields, *exchange, unused);
    exchange->AskFor(ReadTextInputs(fields, "input", kMaxEmbeddingInputs));
    if (fields.failed()) return fields.error();
    return std::unique_ptr<Exchange>(std::move(exchange));
  }

 protected:
  ApiStyle style() const override { return ApiStyle::kOllama; }
  Json Body() override {
    Json vectors = Json::array();
    for (const auto& vector : vectors_) vectors.push_back(Shortened(vector, dimensions_));
    return {{"model", model}, {"embeddings", std::move(vectors)}, {"prompt_eval_count", tokens_}};
  }

 private:
  size_t dimensions_ = 0;
};

}  // namespace

extern const ExchangeEntry kExchange_ollama_embed;
const ExchangeEntry kExchange_ollama_embed = {"/api/embed", OllamaEmbed::Parse};

}  // namespace ledge
