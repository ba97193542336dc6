#include "store/model_reference.h"

namespace ledge {
namespace {

bool LooksLikePath(std::string_view text) {
  return text.starts_with('/') || text.starts_with("./") || text.starts_with("../") ||
         text.starts_with('~') || text.ends_with(".gguf");
}

std::string Expand(std::string_view text, std::string_view user_home) {
  const bool own = text == "~" || text.starts_with("~/");
  if (!own || user_home.empty()) return std::string(text);
  return std::string(user_home) + std::string(text.substr(1));
}

}  // namespace

Result<ModelReference> ResolveModel(Os& os, const Store& store, std::string_view text,
                                    std::string_view user_home) {
  if (LooksLikePath(text)) return ModelReference{true, Expand(text, user_home), {}};
  const auto name = ParseModelName(text);
  if (name.ok()) {
    const auto found = store.Find(*name);
    // A manifest that is there but cannot be read is still a stored name.
    if (found.ok() || found.error().code != Code::kNotFound)
      return ModelReference{false, "", *name};
  }
  if (!text.empty() && os.Status(std::string(text)).ok()) {
    return ModelReference{true, std::string(text), {}};
  }
  if (!name.ok()) return name.error();
  return ModelReference{false, "", *name};
}

}  // namespace ledge
