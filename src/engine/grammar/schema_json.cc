#include "engine/grammar/schema_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/grammar/limits.h"
#include "engine/ordered_json.h"

namespace ledge::grammar {
namespace {

constexpr std::array kAnnotations = {std::string_view("title"),
                                     std::string_view("description"),
                                     std::string_view("default"),
                                     std::string_view("example"),
                                     std::string_view("examples"),
                                     std::string_view("deprecated"),
                                     std::string_view("readOnly"),
                                     std::string_view("writeOnly"),
                                     std::string_view("$schema"),
                                     std::string_view("$id"),
                                     std::string_view("id"),
                                     std::string_view("$comment"),
                                     std::string_view("$anchor"),
                                     std::string_view("$defs"),
                                     std::string_view("definitions"),
                                     std::string_view("discriminator"),
                                     std::string_view("propertyOrdering"),
                                     std::string_view("contentMediaType"),
                                     std::string_view("contentEncoding"),
                                     std::string_view("strict")};

struct Keyword {
  std::string_view name;
  std::string_view type;  // what it is about; empty: any
};
constexpr std::array<Keyword, 24> kKeywords = {{{"$ref", ""},
                                                {"allOf", ""},
                                                {"anyOf", ""},
                                                {"oneOf", ""},
                                                {"enum", ""},
                                                {"const", ""},
                                                {"type", ""},
                                                {"properties", "object"},
                                                {"required", "object"},
                                                {"additionalProperties", "object"},
                                                {"minProperties", "object"},
                                                {"maxProperties", "object"},
                                                {"items", "array"},
                                                {"prefixItems", "array"},
                                                {"minItems", "array"},
                                                {"maxItems", "array"},
                                                {"minLength", "string"},
                                                {"maxLength", "string"},
                                                {"pattern", "string"},
                                                {"format", "string"},
                                                {"minimum", "number"},
                                                {"maximum", "number"},
                                                {"exclusiveMinimum", "number"},
                                                {"exclusiveMaximum", "number"}}};
constexpr std::array<std::string_view, 7> kTypes = {"object",  "array",   "string", "number",
                                                    "integer", "boolean", "null"};

// Reads ~0 and ~1 of a JSON pointer.
std::string Unescaped(std::string_view step) {
  std::string text;
  for (size_t i = 0; i < step.size(); ++i) {
    const bool escape = step[i] == '~' && i + 1 < step.size();
    text += !escape ? step[i] : step[++i] == '1' ? '/' : '~';
  }
  return text;
}

}  // namespace

Error SchemaError(std::string_view where, std::string_view what, std::string_view right) {
  return MakeError(Code::kUsage, "schema {}: {}; {}", PrintableLine(where, 200), what, right);
}

std::string Below(std::string_view where, std::string_view step) {
  std::string text(where);
  text += '/';
  for (const char c : step) {
    if (c == '~' || c == '/') {
      text += c == '~' ? "~0" : "~1";
    } else {
      text += c;
    }
  }
  return text;
}

Result<Json> ReadSchemaJson(std::string_view text) {
  if (text.size() > kMaxGrammarBytes) {
    return SchemaError("#", fmt::format("has {} bytes", text.size()),
                       fmt::format("must be at most {}", kMaxGrammarBytes));
  }
  auto json = ParseOrderedJson(
      text, {.depth = 2 * kMaxNesting, .values = kMaxGrammarBytes, .keys = kMaxKeys});
  if (json.ok()) return json;
  return MakeError(Code::kUsage, "schema #: {}", json.error().message);
}

bool IsAnnotation(std::string_view keyword) {
  return keyword.starts_with("x-") ||
         std::ranges::find(kAnnotations, keyword) != kAnnotations.end();
}

Json Without(const Json& schema, std::string_view keyword) {
  Json rest = Json::object();
  for (const auto& [name, value] : schema.items()) {
    if (name != keyword && !IsAnnotation(name)) rest[name] = value;
  }
  return rest;
}

Result<void> CheckKeywords(const Json& schema, std::string_view where) {
  for (const auto& [name, value] : schema.items()) {
    if (IsAnnotation(name) || std::ranges::find(kKeywords, name, &Keyword::name) != kKeywords.end())
      continue;
    // These say nothing when they say this.
    if (name == "uniqueItems" && value == false) continue;
    if (name == "multipleOf" && value == 1 && schema.value("type", Json()) == "integer") continue;
    if ((name == "unevaluatedProperties" || name == "unevaluatedItems") && value == true) continue;
    std::string known;
    for (const Keyword& keyword : kKeywords)
      known += (known.empty() ? "" : ", ") + std::string(keyword.name);
    return SchemaError(where,
                       fmt::format("keyword '{}' can't be enforced", PrintableLine(name, 60)),
                       "must be left out, or said by: " + known);
  }
  return {};
}

Result<std::set<std::string>> TypesOf(const Json& schema, std::string_view where) {
  std::set<std::string> types;
  if (const auto type = schema.find("type"); type != schema.end()) {
    const Json list = type->is_array() ? *type : Json::array({*type});
    for (const Json& one : list) {
      if (!one.is_string() || std::ranges::find(kTypes, one.get<std::string>()) == kTypes.end()) {
        return SchemaError(Below(where, "type"),
                           fmt::format("is {}", PrintableLine(one.dump(), 40)),
                           "must be object, array, string, number, integer, boolean or null");
      }
      types.insert(one.get<std::string>());
    }
    if (types.empty()) return SchemaError(Below(where, "type"), "is empty", "must name a type");
  } else {
    for (const Keyword& keyword : kKeywords) {
      if (!keyword.type.empty() && schema.contains(keyword.name)) types.emplace(keyword.type);
    }
    if (types.empty()) types.insert(kTypes.begin(), kTypes.end());
  }
  if (types.contains("number")) types.erase("integer");
  return types;
}

const Json* FindRef(const Json& root, std::string_view ref) {
  if (!ref.starts_with('#')) return nullptr;
  ref.remove_prefix(1);
  const Json* at = &root;
  while (!ref.empty()) {
    if (ref[0] != '/') return nullptr;
    ref.remove_prefix(1);
    const size_t end = std::min(ref.find('/'), ref.size());
    const std::string step = Unescaped(ref.substr(0, end));
    ref.remove_prefix(end);
    if (at->is_object()) {
      const auto found = at->find(step);
      if (found == at->end()) return nullptr;
      at = &*found;
    } else if (at->is_array()) {
      const bool number =
          !step.empty() && step.size() < 7 && step.find_first_not_of("0123456789") == step.npos;
      const size_t index = number ? std::stoul(step) : at->size();
      if (index >= at->size()) return nullptr;
      at = &(*at)[index];
    } else {
      return nullptr;
    }
  }
  return at;
}

}  // namespace ledge::grammar
