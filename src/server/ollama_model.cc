#include "server/ollama_model.h"

#include <fmt/format.h>

namespace ledge {
namespace {

// "7.2B", "656K".
std::string ShortCount(uint64_t count) {
  const auto number = static_cast<double>(count);
  if (number >= 1e9) return fmt::format("{:.1f}B", number / 1e9);
  if (number >= 1e6) return fmt::format("{:.1f}M", number / 1e6);
  return fmt::format("{:.0f}K", number / 1e3);
}

}  // namespace

Json OllamaModelJson(const ServedModel& model) {
  // Ollama's clients know names by their tag.
  const bool tagged = model.name.find(':') != std::string::npos;
  const std::string name = tagged ? model.name : model.name + ":latest";
  Json details = {{"parent_model", ""},  {"format", "gguf"},     {"family", ""},
                  {"families", nullptr}, {"parameter_size", ""}, {"quantization_level", ""}};
  std::string digest;
  auto created = std::chrono::system_clock::time_point();
  if (model.manifest) {
    const Manifest& m = *model.manifest;
    details["family"] = m.architecture;
    details["families"] = Json::array({m.architecture});
    details["parameter_size"] = ShortCount(m.parameters);
    details["quantization_level"] = m.quantisation;
    digest = m.source_sha256.ToHex();
    created += std::chrono::seconds(m.created_unix);
  }
  return {{"name", name},        {"model", name},    {"modified_at", TimeText(created)},
          {"size", model.bytes}, {"digest", digest}, {"details", std::move(details)}};
}

ApiResult<ServedModel> ModelOfBody(Front& front, std::string_view body) {
  auto json = ParseJsonObject(body);
  if (!json.ok()) return json.error();
  FieldReader fields(*json);
  std::string name = fields.Text("model");
  if (name.empty()) name = fields.Text("name");
  if (name.empty()) fields.Fail("model", "no model is named; give 'model'");
  if (fields.failed()) return fields.error();
  return front.index().Find(name);
}

}  // namespace ledge
