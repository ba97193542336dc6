// POST /v1/embeddings. Source: OpenAI's API reference, "Create embeddings".
#include <fmt/format.h>

#include <bit>

#include "api/vectors_exchange.h"

namespace ledge {
namespace {

// RFC 4648, with padding.
std::string Base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    for (size_t j = 0; j < 3; ++j)
      group = group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    for (size_t j = 0; j < 4; ++j)
      out += i + j > bytes.size() ? '=' : kDigits[group >> (18 - 6 * j) & 63];
  }
  return out;
}

std::string LittleEndian(const std::vector<float>& vector) {
  std::string bytes;
  for (const float value : vector) {
    const auto bits = std::bit_cast<uint32_t>(value);
    for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(bits >> shift & 255);
  }
  return bytes;
}

class OpenAiEmbeddings : public VectorsExchange {
 public:
  static ApiResult<std::unique_ptr<Exchange>> Parse(const ApiContext& context) {
    auto json = ParseJsonObject(context.body);
    if (!json.ok()) return json.error();
    FieldReader fields(*json);
    auto exchange = std::make_unique<OpenAiEmbeddings>();
    exchange->model = ModelField(fields);
    const std::string format = fields.Text("encoding_format", "float");
    if (format != "float" && format != "base64") {
      fields.Fail("encoding_format", fmt::format("encoding_format is '{}'; must be float or base64",
                                                 PrintableLine(format, 40)));
    }
    exchange->base64_ = format == "base64";
    exchange->dimensions_ = static_cast<size_t>(fields.Whole("dimensions", 0, 1, 1 << 20));
    exchange->AskFor(ReadTextInputs(fields, "input", kMaxEmbeddingInputs));
    if (fields.failed()) return fields.error();
    return std::unique_ptr<Exchange>(std::move(exchange));
  }

 protected:
  Json Body() override {
    Json data = Json::array();
    for (size_t i = 0; i < vectors_.size(); ++i) {
      const std::vector<float> vector = Shortened(vectors_[i], dimensions_);
      data.push_back({{"object", "embedding"},
                      {"index", i},
                      {"embedding", base64_ ? Json(Base64(LittleEndian(vector))) : Json(vector)}});
    }
    return {{"object", "list"},
            {"data", std::move(data)},
            {"model", model},
            {"usage", {{"prompt_tokens", tokens_}, {"total_tokens", tokens_}}}};
  }

 private:
  bool base64_ = false;
  size_t dimensions_ = 0;
};

}  // namespace

extern const ExchangeEntry kExchange_openai_embeddings;
const ExchangeEntry kExchange_openai_embeddings = {"/v1/embeddings", OpenAiEmbeddings::Parse};

}  // namespace ledge
