// allOf, and keywords beside $ref, anyOf and oneOf: two schemas become one.
#include <fmt/format.h>

#include <algorithm>

#include "engine/grammar/limits.h"
#include "engine/grammar/schema_json.h"

namespace ledge::grammar {
namespace {

constexpr int kMaxRefSteps = 32;
constexpr size_t kMaxJoined = 5'000;
constexpr size_t kMaxJoinedBytes = 32 << 20;  // of the document each time

// An absent `additionalProperties` is true.
Json Additional(const Json& schema) { return schema.value("additionalProperties", Json(true)); }
Json Properties(const Json& schema) {
  Json properties = schema.value("properties", Json::object());
  return properties.is_object() ? properties : Json::object();
}

Result<Json> MergeProperties(SchemaRoot& root, const Json& a, const Json& b, std::string_view where,
                             int depth) {
  Json result = Json::object();
  const Json of_a = Properties(a);
  const Json of_b = Properties(b);
  for (const auto& [name, schema] : of_a.items()) {
    const Json other = of_b.contains(name) ? of_b[name] : Additional(b);
    LEDGE_TRY(result[name], Merge(root, schema, other, Below(where, name), depth + 1));
  }
  for (const auto& [name, schema] : of_b.items()) {
    if (of_a.contains(name)) continue;
    LEDGE_TRY(result[name], Merge(root, Additional(a), schema, Below(where, name), depth + 1));
  }
  return result;
}

Json Union(const Json& a, const Json& b) {
  Json list = a;
  for (const Json& entry : b) {
    if (std::ranges::find(list, entry) == list.end()) list.push_back(entry);
  }
  return list;
}

Json Common(const Json& a, const Json& b) {
  Json list = Json::array();
  for (const Json& entry : a) {
    if (std::ranges::find(b, entry) != b.end()) list.push_back(entry);
  }
  return list;
}

// A keyword that both have.
Result<Json> MergeKeyword(const std::string& name, const Json& a, const Json& b,
                          std::string_view where) {
  if (a == b) return a;
  const bool numbers = a.is_number() && b.is_number();
  const bool lower = name.starts_with("min") || name == "exclusiveMinimum";
  const bool upper = name.starts_with("max") || name == "exclusiveMaximum";
  if (numbers && lower) return a > b ? a : b;
  if (numbers && upper) return a < b ? a : b;
  if (name == "required" && a.is_array() && b.is_array()) return Union(a, b);
  if (name == "enum" && a.is_array() && b.is_array()) return Common(a, b);
  if (name == "type") {
    LEDGE_TRY(auto of_a, TypesOf(Json{{"type", a}}, where));
    LEDGE_TRY(auto of_b, TypesOf(Json{{"type", b}}, where));
    if (of_a.contains("number")) of_a.insert("integer");
    if (of_b.contains("number")) of_b.insert("integer");
    Json list = Json::array();
    for (const std::string& type : of_a) {
      if (of_b.contains(type)) list.push_back(type);
    }
    if (!list.empty()) return list;
    return SchemaError(where, "demands types that exclude each other", "must allow a common one");
  }
  return SchemaError(where,
                     fmt::format("has '{}' twice, beside and within allOf, anyOf or $ref",
                                 PrintableLine(name, 40)),
                     "must say it once");
}

}  // namespace

Result<Json> Resolved(SchemaRoot& root, const Json& schema, std::string_view where, int depth) {
  Json at = schema;
  for (int steps = 0; at.is_object() && at.contains("$ref"); ++steps) {
    const Json ref = at["$ref"];
    const Json* target = ref.is_string() ? FindRef(root.json, ref.get<std::string>()) : nullptr;
    if (target == nullptr || steps >= kMaxRefSteps) {
      return SchemaError(Below(where, "$ref"),
                         fmt::format("{} leads to no schema", PrintableLine(ref.dump(), 80)),
                         "must be like #/$defs/name and lead to one");
    }
    at = Without(at, "$ref");
    if (at.empty()) {
      at = *target;
    } else {
      LEDGE_TRY(const Json whole, Resolved(root, *target, where, depth + 1));
      LEDGE_TRY(at, Merge(root, whole, at, where, depth + 1));
    }
  }
  return at;
}

Result<Json> Merge(SchemaRoot& root, const Json& first, const Json& second, std::string_view where,
                   int depth) {
  if (depth > kMaxNesting)
    return SchemaError(where, "joins schemas without end", "must not refer to itself here");
  if (++root.joined > kMaxJoined || root.joined * root.bytes > kMaxJoinedBytes) {
    return SchemaError(where, fmt::format("joins schemas for the {}th time", root.joined),
                       "must join fewer by allOf, or by keywords beside anyOf and $ref");
  }
  if (first == false || second == false) return Json(false);
  if (first == true) return second;
  if (second == true) return first;
  LEDGE_TRY(const Json a, Resolved(root, first, where, depth + 1));
  LEDGE_TRY(const Json b, Resolved(root, second, where, depth + 1));
  if (!a.is_object() || !b.is_object()) return Merge(root, a, b, where, depth + 1);
  LEDGE_CHECK_OK(CheckKeywords(a, where));
  LEDGE_CHECK_OK(CheckKeywords(b, where));
  if (a.contains("items") != b.contains("items") &&
      (a.contains("prefixItems") || b.contains("prefixItems")))
    return SchemaError(where, "joins items with prefixItems", "must say both at one place");
  Json result = a;
  for (const auto& [name, value] : b.items()) {
    if (IsAnnotation(name) || name == "properties" || name == "additionalProperties") continue;
    if (result.contains(name)) {
      LEDGE_TRY(result[name], MergeKeyword(name, result[name], value, where));
    } else {
      result[name] = value;
    }
  }
  if (a.contains("properties") || b.contains("properties")) {
    LEDGE_TRY(result["properties"], MergeProperties(root, a, b, Below(where, "properties"), depth));
  }
  if (a.contains("additionalProperties") || b.contains("additionalProperties")) {
    LEDGE_TRY(
        result["additionalProperties"],
        Merge(root, Additional(a), Additional(b), Below(where, "additionalProperties"), depth + 1));
  }
  return result;
}

}  // namespace ledge::grammar
