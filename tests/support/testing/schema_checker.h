// Whether a JSON value keeps to a JSON Schema: straight from the specification's words, and knowing
// nothing of how schemas are compiled. For tests: slow, and trusting its schema.
#pragma once

#include <cmath>
#include <nlohmann/json.hpp>
#include <regex>
#include <string>

#include "base/utf8.h"

namespace ledge::testing {

class SchemaChecker {
 public:
  using Json = nlohmann::ordered_json;

  explicit SchemaChecker(const Json& root) : root_(root) {}
  bool Accepts(const Json& value) const { return Accepts(root_, value); }

 private:
  static bool IsOfType(const Json& value, const std::string& type) {
    if (type == "number") return value.is_number();
    if (type == "integer")
      return value.is_number() && std::floor(value.get<double>()) == value.get<double>();
    return type == value.type_name();
  }

  static bool TypeFits(const Json& type, const Json& value) {
    if (type.is_string()) return IsOfType(value, type.get<std::string>());
    for (const Json& one : type) {
      if (IsOfType(value, one.get<std::string>())) return true;
    }
    return false;
  }

  static std::wstring Runes(const std::string& text) {
    std::wstring runes;
    for (std::string_view rest = text; !rest.empty();)
      runes += static_cast<wchar_t>(Utf8Next(rest));
    return runes;
  }
  static size_t Length(const Json& value) { return Runes(value.get<std::string>()).size(); }

  bool ObjectFits(const Json& schema, const Json& value) const {
    for (const Json& name : schema.value("required", Json::array())) {
      if (!value.contains(name.get<std::string>())) return false;
    }
    const Json properties = schema.value("properties", Json::object());
    for (const auto& [name, member] : value.items()) {
      const bool known = properties.contains(name);
      if (known && !Accepts(properties[name], member)) return false;
      if (!known && schema.contains("additionalProperties") &&
          !Accepts(schema["additionalProperties"], member))
        return false;
    }
    return true;
  }

  bool ArrayFits(const Json& schema, const Json& value) const {
    if (schema.contains("minItems") && value.size() < schema["minItems"]) return false;
    if (schema.contains("maxItems") && value.size() > schema["maxItems"]) return false;
    const Json prefix = schema.value("prefixItems", Json::array());
    for (size_t i = 0; i < value.size(); ++i) {
      if (i < prefix.size()) {
        if (!Accepts(prefix[i], value[i])) return false;
      } else if (schema.contains("items") && !Accepts(schema["items"], value[i])) {
        return false;
      }
    }
    return true;
  }

  static bool StringFits(const Json& schema, const Json& value) {
    if (schema.contains("minLength") && Length(value) < schema["minLength"]) return false;
    if (schema.contains("maxLength") && Length(value) > schema["maxLength"]) return false;
    if (!schema.contains("pattern")) return true;
    const std::wregex pattern(Runes(schema["pattern"].get<std::string>()));
    return std::regex_search(Runes(value.get<std::string>()), pattern);
  }

  static bool NumberFits(const Json& schema, const Json& value) {
    const auto number = value.get<double>();
    return !(schema.contains("minimum") && number < schema["minimum"].get<double>()) &&
           !(schema.contains("maximum") && number > schema["maximum"].get<double>()) &&
           !(schema.contains("exclusiveMinimum") &&
             number <= schema["exclusiveMinimum"].get<double>()) &&
           !(schema.contains("exclusiveMaximum") &&
             number >= schema["exclusiveMaximum"].get<double>());
  }

  int Matches(const Json& branches, const Json& value) const {
    int matches = 0;
    for (const Json& branch : branches) matches += Accepts(branch, value) ? 1 : 0;
    return matches;
  }

  bool Accepts(const Json& schema, const Json& value) const {
    if (schema.is_boolean()) return schema.get<bool>();
    if (schema.contains("$ref")) {
      const auto ref = schema["$ref"].get<std::string>();
      if (!Accepts(root_[Json::json_pointer(ref.substr(1))], value)) return false;
    }
    if (schema.contains("type") && !TypeFits(schema["type"], value)) return false;
    if (schema.contains("const") && value != schema["const"]) return false;
    if (schema.contains("enum") &&
        std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end())
      return false;
    if (schema.contains("anyOf") && Matches(schema["anyOf"], value) == 0) return false;
    if (schema.contains("oneOf") && Matches(schema["oneOf"], value) != 1) return false;
    if (schema.contains("allOf") &&
        Matches(schema["allOf"], value) != static_cast<int>(schema["allOf"].size()))
      return false;
    if (value.is_object()) return ObjectFits(schema, value);
    if (value.is_array()) return ArrayFits(schema, value);
    if (value.is_string()) return StringFits(schema, value);
    return !value.is_number() || NumberFits(schema, value);
  }

  const Json& root_;
};

}  // namespace ledge::testing
