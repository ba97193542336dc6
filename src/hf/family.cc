#include "hf/family.h"

#include <algorithm>
#include <string>

namespace ledge {
namespace {

std::string KnownModels() {
  std::string names;
  for (const HfFamily* family : AllHfFamilies()) {
    for (const std::string_view name : family->models) {
      names += fmt::format("{}{}", names.empty() ? "" : ", ", name);
    }
  }
  return names;
}

}  // namespace

Result<const HfFamily*> FindHfFamily(const HfConfig& config) {
  constexpr std::string_view kField = "architectures";
  LEDGE_TRY(const std::vector<std::string> names, config.Texts(kField));
  if (names.empty()) {
    return config.Malformed(kField,
                            "is missing; it should name the model's class, like "
                            "[\"LlamaForCausalLM\"]");
  }
  for (const HfFamily* family : AllHfFamilies()) {
    if (std::ranges::find(family->models, names[0]) != family->models.end()) return family;
  }
  return config.Unsupported(kField, fmt::format("is \"{}\"; folders of {} can be read",
                                                PrintableLine(names[0], 80), KnownModels()));
}

}  // namespace ledge
