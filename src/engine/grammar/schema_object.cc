// Objects and arrays of a JSON Schema.
#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "engine/grammar/limits.h"
#include "engine/grammar/schema_compiler.h"

namespace ledge::grammar {
namespace {

constexpr size_t kMaxPrefixItems = 128;
// Names that begin like a property's are followed so far; what goes on beyond is not written.
constexpr size_t kMaxSharedName = 64;

std::u32string RunesOf(std::string_view text) {
  std::u32string runes;
  while (!text.empty()) runes += Utf8Next(text);
  return runes;
}

bool NeedsEscape(char32_t c) { return c < 0x20 || c == U'"' || c == U'\\' || c > kLastCodePoint; }

CodePoints Unescaped() {
  return CodePoints({{0x20, kLastCodePoint}}).Minus(CodePoints({{U'"', U'"'}, {U'\\', U'\\'}}));
}

}  // namespace

// Texts that go on behind the first `at` characters of names[begin, end), a closing quote at their
// end, and become none of these names.
NodeId SchemaCompiler::KeyFrom(const std::vector<std::u32string>& names, size_t begin, size_t end,
                               size_t at) {
  if (at > kMaxSharedName) return syntax_.Never();
  std::vector<NodeId> choices;
  const bool is_name = begin < end && names[begin].size() == at;
  if (is_name) ++begin;
  const NodeId quote = syntax_.Bytes("\"");
  if (!is_name) choices.push_back(quote);
  CodePoints others = Unescaped();
  while (begin < end) {
    const char32_t c = names[begin][at];
    size_t next = begin;
    while (next < end && names[next][at] == c) ++next;
    if (!NeedsEscape(c)) {
      const CodePoints one({{c, c}});
      others = others.Minus(one);
      choices.push_back(syntax_.Sequence({syntax_.Set(one), KeyFrom(names, begin, next, at + 1)}));
    }
    begin = next;
  }
  choices.push_back(syntax_.Sequence(
      {syntax_.Set(others), syntax_.Repeat(syntax_.Set(Unescaped()), 0, kUnbounded), quote}));
  return syntax_.Choice(std::move(choices));
}

NodeId SchemaCompiler::KeyOtherThan(const std::vector<Property>& properties) {
  if (properties.empty()) return json_.String();
  std::vector<std::u32string> names;
  for (const Property& property : properties) names.push_back(RunesOf(property.name));
  std::ranges::sort(names);
  // Without backslashes, so that no name can be spelled in another way.
  return syntax_.Sequence({syntax_.Bytes("\""), KeyFrom(names, 0, names.size(), 0)});
}

Result<std::vector<SchemaCompiler::Property>> SchemaCompiler::Properties(const Json& schema,
                                                                         const std::string& where,
                                                                         int depth) {
  Json properties = schema.value("properties", Json::object());
  const Json required = schema.value("required", Json::array());
  const std::string here = Below(where, "properties");
  if (!properties.is_object()) return SchemaError(here, "is no object", "must be one");
  std::set<std::string> names;
  for (const Json& name : required.is_array() ? required : Json::array({nullptr})) {
    if (!name.is_string())
      return SchemaError(Below(where, "required"), "is no list of names", "must be one");
    names.insert(name.get<std::string>());
  }
  for (const std::string& name : names) {
    if (!properties.contains(name))
      properties[name] = schema.value("additionalProperties", Json(true));
  }
  std::vector<Property> list;
  for (const auto& [name, value] : properties.items()) {
    LEDGE_TRY(const NodeId node, Value(value, Below(here, name), depth + 1));
    list.push_back(
        {name, syntax_.Sequence({json_.Exactly(name), json_.Colon(), node}), names.contains(name)});
  }
  return list;
}

// What stands between the braces; nothing is matched by it. Behind the first member each other one
// has a comma in front, so where the first may be left out the rest is shared by rules.
NodeId SchemaCompiler::Members(const std::vector<Property>& properties,
                               std::optional<NodeId> other) {
  const auto more = [this](NodeId member) { return syntax_.Sequence({json_.Comma(), member}); };
  const NodeId others = other ? syntax_.Repeat(more(*other), 0, kUnbounded) : syntax_.Empty();
  const auto behind = [&](const Property& property, NodeId member) {
    return property.required ? more(member) : syntax_.Optional(more(member));
  };
  if (!properties.empty() && properties[0].required) {
    std::vector<NodeId> all = {properties[0].member};
    for (size_t i = 1; i < properties.size(); ++i)
      all.push_back(behind(properties[i], properties[i].member));
    all.push_back(others);
    return syntax_.Sequence(std::move(all));
  }
  std::vector<NodeId> firsts;
  if (other) firsts.push_back(syntax_.Sequence({*other, others}));
  NodeId rest = other ? syntax_.Call(syntax_.AddRule("other properties", others)) : others;
  for (size_t i = properties.size(); i-- > 0;) {
    const Property& property = properties[i];
    const NodeId member = syntax_.Call(syntax_.AddRule(property.name, property.member));
    // One that must be there has to be the first if none before it is.
    if (property.required) firsts.clear();
    firsts.push_back(syntax_.Sequence({member, rest}));
    rest = syntax_.Call(syntax_.AddRule("behind " + property.name,
                                        syntax_.Sequence({behind(property, member), rest})));
  }
  return syntax_.Choice(std::move(firsts));
}

Result<void> SchemaCompiler::CheckCounts(const Json& schema, size_t properties, size_t required,
                                         bool closed, const std::string& where) {
  LEDGE_TRY(const auto least, Count(schema, "minProperties", where));
  LEDGE_TRY(const auto most, Count(schema, "maxProperties", where));
  if (least && *least > required)
    return SchemaError(Below(where, "minProperties"), "can't be enforced beyond what is required",
                       "must be said by required");
  if (most && (*most < properties || !closed))
    return SchemaError(Below(where, "maxProperties"), "can't be enforced below all that may come",
                       "must be left out");
  return {};
}

Result<NodeId> SchemaCompiler::Object(const Json& schema, const std::string& where, int depth) {
  LEDGE_TRY(const auto properties, Properties(schema, where, depth));
  // Where nothing is said of other properties a model does best without them.
  const Json additional = schema.value("additionalProperties", Json(properties.empty()));
  const bool closed = additional == false;
  const auto required =
      static_cast<size_t>(std::ranges::count(properties, true, &Property::required));
  LEDGE_CHECK_OK(CheckCounts(schema, properties.size(), required, closed, where));
  std::optional<NodeId> other;
  if (!closed) {
    LEDGE_TRY(const NodeId value,
              Value(additional, Below(where, "additionalProperties"), depth + 1));
    const NodeId member = syntax_.Sequence({KeyOtherThan(properties), json_.Colon(), value});
    other = syntax_.Call(syntax_.AddRule("other property", member));
  }
  return json_.Braces("{", Members(properties, other), required == 0, "}");
}

Result<NodeId> SchemaCompiler::Array(const Json& schema, const std::string& where, int depth) {
  const bool old = schema.contains("items") && schema["items"].is_array();
  Json prefix = old ? schema["items"] : schema.value("prefixItems", Json::array());
  if (!prefix.is_array() || prefix.size() > kMaxPrefixItems)
    return SchemaError(Below(where, "prefixItems"), "is no list of schemas",
                       fmt::format("must be an array of at most {}", kMaxPrefixItems));
  LEDGE_TRY(const Counts counts, CountsOf(schema, "minItems", "maxItems", where));
  const auto first = static_cast<uint32_t>(prefix.size());
  // Behind a prefix come others only where they are spoken of.
  const bool silent = old || !schema.contains("items");
  const Json rest_schema = silent ? Json(first == 0 || counts.least > first) : schema["items"];
  LEDGE_TRY(const NodeId rest, Value(rest_schema, Below(where, "items"), depth + 1));
  std::vector<NodeId> items;
  for (uint32_t i = 0; i < first; ++i) {
    LEDGE_TRY(const NodeId item,
              Value(prefix[i], Below(Below(where, "prefixItems"), std::to_string(i)), depth + 1));
    items.push_back(item);
  }
  if (first == 0) items.push_back(rest);
  if (counts.most == 0) items.assign(1, syntax_.Never());
  // Behind `items`: as often as is left.
  const auto placed = static_cast<uint32_t>(items.size());
  const uint32_t least = counts.least > placed ? counts.least - placed : 0;
  uint32_t most = kUnbounded;
  if (counts.most != kUnbounded) most = counts.most > placed ? counts.most - placed : 0;
  NodeId tail = syntax_.Repeat(syntax_.Sequence({json_.Comma(), rest}), least, most);
  for (uint32_t i = placed; i-- > 0;) {
    const NodeId item = i == 0 ? items[i] : syntax_.Sequence({json_.Comma(), items[i]});
    tail = syntax_.Sequence({item, tail});
    if (i > 0 && i >= counts.most) {
      tail = syntax_.Empty();
    } else if (i > 0 && i >= counts.least) {
      tail = syntax_.Optional(tail);
    }
  }
  return json_.Braces("[", tail, counts.least == 0, "]");
}

}  // namespace ledge::grammar
