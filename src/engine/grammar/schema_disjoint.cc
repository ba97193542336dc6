// oneOf: whether a text made for one branch could be accepted by another.
#include <algorithm>
#include <optional>

#include "engine/grammar/schema_json.h"

namespace ledge::grammar {
namespace {

constexpr int kMaxDepth = 6;
constexpr size_t kMaxSteps = 20'000;

class Comparison {
 public:
  explicit Comparison(SchemaRoot& root) : root_(root) {}

  bool NeverMatches(const Json& first, const Json& second, int depth) {
    if (depth > kMaxDepth || ++steps_ > kMaxSteps) return false;
    const auto a = Resolved(root_, first, "", 0);
    const auto b = Resolved(root_, second, "", 0);
    if (!a.ok() || !b.ok()) return false;
    if (*a == false || *b == false) return true;
    if (!a->is_object() || !b->is_object()) return false;
    if (NoCommonValue(*a, *b)) return true;
    const auto common = CommonTypes(*a, *b);
    if (!common) return false;
    return common->empty() ||
           (common->size() == 1 && common->contains("object") && ObjectsDiffer(*a, *b, depth));
  }

 private:
  static std::optional<std::set<std::string>> CommonTypes(const Json& a, const Json& b) {
    for (const char* keyword : {"anyOf", "oneOf", "allOf"}) {
      if (a.contains(keyword) || b.contains(keyword)) return std::nullopt;
    }
    auto of_a = ValueTypes(a);
    auto of_b = ValueTypes(b);
    std::set<std::string> common;
    for (const std::string& type : of_a) {
      if (of_b.contains(type)) common.insert(type);
    }
    return common;
  }

  // Integers count as numbers. Of an enum or const: those of its values.
  static std::set<std::string> ValueTypes(const Json& schema) {
    std::set<std::string> types;
    if (const auto values = Values(schema)) {
      for (const Json& value : *values) types.insert(value.type_name());
      return types;
    }
    // Without `type` a schema accepts all types, whatever its other keywords are about.
    const auto named =
        TypesOf(schema.contains("type") ? Json{{"type", schema["type"]}} : Json::object(), "");
    if (!named.ok()) return types;
    for (const std::string& type : *named) types.insert(type == "integer" ? "number" : type);
    return types;
  }

  static std::optional<Json> Values(const Json& schema) {
    if (schema.contains("const")) return Json::array({schema["const"]});
    if (schema.contains("enum") && schema["enum"].is_array()) return schema["enum"];
    return std::nullopt;
  }

  static bool NoCommonValue(const Json& a, const Json& b) {
    const auto of_a = Values(a);
    const auto of_b = Values(b);
    if (!of_a || !of_b) return false;
    return std::ranges::none_of(
        *of_a, [&](const Json& value) { return std::ranges::find(*of_b, value) != of_b->end(); });
  }

  static bool Requires(const Json& schema, const std::string& name) {
    const Json required = schema.value("required", Json::array());
    return std::ranges::find(required, Json(name)) != required.end();
  }
  static const Json* Property(const Json& schema, const std::string& name) {
    const auto properties = schema.find("properties");
    if (properties == schema.end() || !properties->is_object()) return nullptr;
    const auto found = properties->find(name);
    return found == properties->end() ? nullptr : &*found;
  }

  bool ObjectsDiffer(const Json& a, const Json& b, int depth) {
    const Json of_a = a.value("properties", Json::object());
    // As schemas are compiled, nothing stands beside the properties where nothing is said.
    const bool closed = a.value("additionalProperties", Json(false)) == false && !of_a.empty();
    for (const Json& name : b.value("required", Json::array())) {
      if (!name.is_string()) return false;
      if (closed && Property(a, name.get<std::string>()) == nullptr &&
          !Requires(a, name.get<std::string>()))
        return true;
    }
    for (const auto& [name, schema] : of_a.items()) {
      const Json* other = Property(b, name);
      const bool required = Requires(a, name);
      if (other == nullptr) {
        if (required && b.value("additionalProperties", Json(true)) == false) return true;
      } else if ((required || Requires(b, name)) && NeverMatches(schema, *other, depth + 1)) {
        return true;
      }
    }
    return false;
  }

  SchemaRoot& root_;
  size_t steps_ = 0;
};

}  // namespace

bool NeverMatches(SchemaRoot& root, const Json& a, const Json& b) {
  return Comparison(root).NeverMatches(a, b, 0);
}

}  // namespace ledge::grammar
