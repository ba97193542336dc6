#include "hf/family.h"

#include <algorithm>
#include <set>
#include <string>

namespace ledge {
namespace {

std::string KnownModels() {
  std::set<std::string_view> known;
  for (const HfFamily* family : AllHfFamilies()) {
    known.insert(family->models.begin(), family->models.end());
  }
  std::string names;
  for (const std::string_view name : known) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", name);
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
    if (std::ranges::find(family->models, names[0]) == family->models.end()) continue;
    if (family->is_for == nullptr) return family;
    LEDGE_TRY(const bool mine, family->is_for(config));
    if (mine) return family;
  }
  return config.Unsupported(kField, fmt::format("is \"{}\"; folders of {} can be read",
                                                PrintableLine(names[0], 80), KnownModels()));
}

}  // namespace ledge
