// Fields of a Hugging Face file's JSON, of which any may be absent or of another type.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace ledge::hf_fields {

using Json = nlohmann::json;

// nullptr where there is none, or null.
inline const Json* Get(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}
// Empty where the value is no text.
inline std::string TextOf(const Json* value) {
  return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
}
// Nothing where the value is no boolean.
inline std::optional<bool> BoolOf(const Json* value) {
  if (value == nullptr || !value->is_boolean()) return std::nullopt;
  return value->get<bool>();
}

}  // namespace ledge::hf_fields
