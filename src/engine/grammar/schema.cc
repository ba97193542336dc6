#include "engine/grammar/schema.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/grammar/limits.h"
#include "engine/grammar/schema_compiler.h"

namespace ledge::grammar {
namespace {

constexpr size_t kMaxBranches = 256;
constexpr size_t kMaxOneOf = 64;  // they are compared with each other

bool IsOfType(const Json& value, const std::set<std::string>& types) {
  const std::string type = value.type_name();
  if (type != "number") return types.contains(type);
  return types.contains("number") || (types.contains("integer") && value.is_number_integer());
}

}  // namespace

Result<Syntax> SchemaCompiler::Run() {
  // A leading space is how some vocabularies write the first word.
  const RuleId root = syntax_.AddRule("#");
  LEDGE_TRY(const NodeId value, Value(root_.json, "#", 0));
  syntax_.Define(root, syntax_.Sequence({json_.Space(), value}));
  while (!open_.empty()) {
    const std::string ref = std::move(open_.front());
    open_.pop_front();
    LEDGE_TRY(const NodeId body, Value(*FindRef(root_.json, ref), ref, 0));
    syntax_.Define(rules_[ref], body);
  }
  syntax_.root = root;
  return std::move(syntax_);
}

Result<NodeId> SchemaCompiler::Value(const Json& schema, const std::string& where, int depth) {
  if (depth > kMaxNesting)
    return SchemaError(where, "nests too deeply",
                       fmt::format("must nest at most {} deep", kMaxNesting));
  if (schema == true) return json_.Value();
  if (schema == false) return syntax_.Never();
  if (!schema.is_object())
    return SchemaError(where, fmt::format("is a {}", schema.type_name()),
                       "must be an object, true or false");
  LEDGE_CHECK_OK(CheckKeywords(schema, where));
  if (schema.contains("$ref")) return Reference(schema, where, depth);
  if (schema.contains("allOf")) return AllOf(schema, where, depth);
  if (schema.contains("anyOf")) return Branches(schema, "anyOf", where, depth);
  if (schema.contains("oneOf")) return Branches(schema, "oneOf", where, depth);
  if (schema.contains("enum") || schema.contains("const")) return Literals(schema, where);
  LEDGE_TRY(const auto types, TypesOf(schema, where));
  if (types.size() >= 6) return json_.Value();  // all of them: no keyword says more
  std::vector<NodeId> choices;
  for (const std::string& type : types) {
    LEDGE_TRY(const NodeId choice, OfType(schema, type, where, depth));
    choices.push_back(choice);
  }
  return syntax_.Choice(std::move(choices));
}

Result<NodeId> SchemaCompiler::Reference(const Json& schema, const std::string& where, int depth) {
  const Json& ref = schema["$ref"];
  const bool there = ref.is_string() && FindRef(root_.json, ref.get<std::string>()) != nullptr;
  if (!there || !Without(schema, "$ref").empty()) {
    LEDGE_TRY(const Json merged, Resolved(root_, schema, where, 0));
    return Value(merged, where, depth + 1);
  }
  const auto text = ref.get<std::string>();
  const auto [found, is_new] = rules_.try_emplace(text);
  if (is_new) {
    found->second = syntax_.AddRule(text, syntax_.Never());
    open_.push_back(text);
  }
  return syntax_.Call(found->second);
}

Result<NodeId> SchemaCompiler::AllOf(const Json& schema, const std::string& where, int depth) {
  const Json& list = schema["allOf"];
  const std::string here = Below(where, "allOf");
  if (!list.is_array() || list.empty() || list.size() > kMaxBranches)
    return SchemaError(here, "is no list of schemas",
                       fmt::format("must be an array of 1 to {}", kMaxBranches));
  Json whole = Without(schema, "allOf");
  for (size_t i = 0; i < list.size(); ++i) {
    LEDGE_TRY(whole, Merge(root_, whole, list[i], Below(here, std::to_string(i)), 0));
  }
  return Value(whole, where, depth + 1);
}

Result<NodeId> SchemaCompiler::Branches(const Json& schema, const char* keyword,
                                        const std::string& where, int depth) {
  const Json& list = schema[keyword];
  const std::string here = Below(where, keyword);
  const bool one = keyword == std::string_view("oneOf");
  const size_t most = one ? kMaxOneOf : kMaxBranches;
  if (!list.is_array() || list.empty() || list.size() > most)
    return SchemaError(here, "is no list of schemas",
                       fmt::format("must be an array of 1 to {}", most));
  const Json rest = Without(schema, keyword);
  std::vector<Json> branches;
  for (size_t i = 0; i < list.size(); ++i) {
    if (rest.empty()) {
      branches.push_back(list[i]);
    } else {
      LEDGE_TRY(Json merged, Merge(root_, rest, list[i], Below(here, std::to_string(i)), 0));
      branches.push_back(std::move(merged));
    }
  }
  std::vector<NodeId> choices;
  for (size_t i = 0; i < branches.size(); ++i) {
    for (size_t j = 0; one && j < branches.size(); ++j) {
      if (i == j || NeverMatches(root_, branches[i], branches[j])) continue;
      return SchemaError(here, fmt::format("branches {} and {} could both accept a value", i, j),
                         "must exclude each other, by type or by a required property of different "
                         "values, or be an anyOf");
    }
    LEDGE_TRY(const NodeId choice, Value(branches[i], Below(here, std::to_string(i)), depth + 1));
    choices.push_back(choice);
  }
  return syntax_.Choice(std::move(choices));
}

Result<NodeId> SchemaCompiler::Literals(const Json& schema, const std::string& where) {
  const bool is_enum = schema.contains("enum");
  const char* keyword = is_enum ? "enum" : "const";
  for (const auto& [name, value] : schema.items()) {
    if (name == "enum" || name == "const" || name == "type" || IsAnnotation(name)) continue;
    return SchemaError(
        where, fmt::format("'{}' beside {} can't be enforced", PrintableLine(name, 40), keyword),
        "must be left out");
  }
  const Json list = is_enum ? schema["enum"] : Json::array({schema["const"]});
  if (!list.is_array() || list.empty())
    return SchemaError(Below(where, "enum"), "is no list of values", "must have one at least");
  LEDGE_TRY(
      const auto types,
      TypesOf(schema.contains("type") ? Json{{"type", schema["type"]}} : Json::object(), where));
  std::vector<NodeId> choices;
  for (const Json& value : list) {
    const bool meant = !(is_enum && schema.contains("const")) || value == schema["const"];
    if (meant && IsOfType(value, types)) choices.push_back(json_.Exactly(value));
  }
  if (choices.empty())
    return SchemaError(Below(where, keyword), "has no value of the type", "must have one at least");
  return syntax_.Choice(std::move(choices));
}

Result<NodeId> SchemaCompiler::OfType(const Json& schema, const std::string& type,
                                      const std::string& where, int depth) {
  if (type == "object") return Object(schema, where, depth);
  if (type == "array") return Array(schema, where, depth);
  if (type == "string") return String(schema, where);
  if (type == "integer") return Whole(schema, where);
  if (type == "number") return Number(schema, where);
  return type == "null" ? json_.Null() : json_.Boolean();
}

Result<Syntax> ParseSchema(std::string_view text) {
  LEDGE_TRY(Json json, ReadSchemaJson(text));
  return SchemaCompiler({.json = std::move(json), .bytes = text.size()}).Run();
}

Syntax AnyJsonObject() {
  Syntax syntax;
  JsonText json(syntax);
  syntax.root = syntax.AddRule("json", syntax.Sequence({json.Space(), json.Object()}));
  return syntax;
}

}  // namespace ledge::grammar
