// Strings and numbers of a JSON Schema.
#include <fmt/format.h>

#include <cmath>

#include "engine/grammar/formats.h"
#include "engine/grammar/limits.h"
#include "engine/grammar/pattern.h"
#include "engine/grammar/schema_compiler.h"

namespace ledge::grammar {

Result<std::optional<uint32_t>> SchemaCompiler::Count(const Json& schema, const char* keyword,
                                                      const std::string& where) {
  const auto found = schema.find(keyword);
  if (found == schema.end()) return std::optional<uint32_t>();
  const double value = found->is_number() ? found->get<double>() : -1;
  if (!(value >= 0 && value <= kMaxRepeat) || value != std::floor(value)) {
    return SchemaError(Below(where, keyword),
                       fmt::format("is {}", PrintableLine(found->dump(), 40)),
                       fmt::format("must be a whole number from 0 to {}", kMaxRepeat));
  }
  return std::optional(static_cast<uint32_t>(value));
}

Result<SchemaCompiler::Counts> SchemaCompiler::CountsOf(const Json& schema, const char* least,
                                                        const char* most,
                                                        const std::string& where) {
  LEDGE_TRY(const auto low, Count(schema, least, where));
  LEDGE_TRY(const auto high, Count(schema, most, where));
  const Counts counts = {low.value_or(0), high.value_or(kUnbounded)};
  if (counts.least > counts.most)
    return SchemaError(where, fmt::format("{} {} is above {} {}", least, *low, most, *high),
                       "must allow at least one value");
  return counts;
}

Result<NodeId> SchemaCompiler::String(const Json& schema, const std::string& where) {
  LEDGE_TRY(const Counts counts, CountsOf(schema, "minLength", "maxLength", where));
  const bool bounded = schema.contains("minLength") || schema.contains("maxLength");
  const char* keyword = schema.contains("pattern") ? "pattern" : "format";
  if (!schema.contains(keyword)) {
    if (!bounded) return json_.String();
    const NodeId quote = syntax_.Bytes("\"");
    return syntax_.Sequence(
        {quote, syntax_.Repeat(json_.Character(), counts.least, counts.most), quote});
  }
  const std::string here = Below(where, keyword);
  if (schema.contains("pattern") && schema.contains("format"))
    return SchemaError(here, "beside format can't be enforced", "must be one of the two");
  if (!schema[keyword].is_string()) return SchemaError(here, "is no text", "must be a string");
  const auto text = schema[keyword].get<std::string>();
  std::string source = text;
  if (keyword == std::string_view("format")) {
    const auto known = PatternOfFormat(text);
    if (!known)
      return SchemaError(here, fmt::format("'{}' can't be enforced", PrintableLine(text, 40)),
                         "must be one of " + FormatNames());
    source = *known;
  }
  auto pattern = ParsePattern(syntax_, json_, source);
  if (!pattern.ok()) {
    return MakeError(Code::kUsage, "schema {}: '{}' {}", PrintableLine(here, 200),
                     PrintableLine(text, 60), pattern.error().message);
  }
  // Lengths that the pattern sees to itself.
  if (pattern->least < counts.least || (counts.most != kUnbounded && pattern->most > counts.most)) {
    return SchemaError(where,
                       fmt::format("minLength or maxLength beside a {} that doesn't keep to it "
                                   "can't be enforced",
                                   keyword),
                       "must be said by the pattern, as in ^[a-z]{1,8}$");
  }
  const NodeId quote = syntax_.Bytes("\"");
  return syntax_.Sequence({quote, pattern->node, quote});
}

Result<std::optional<Bound>> SchemaCompiler::BoundOf(const Json& schema, const char* inclusive,
                                                     const char* exclusive, bool lower,
                                                     const std::string& where) {
  std::optional<double> bound;
  bool strict = false;
  for (const char* keyword : {inclusive, exclusive}) {
    const auto found = schema.find(keyword);
    if (found == schema.end()) continue;
    if (!found->is_number() || !std::isfinite(found->get<double>()))
      return SchemaError(Below(where, keyword),
                         fmt::format("is {}", PrintableLine(found->dump(), 40)),
                         "must be a number");
    const auto value = found->get<double>();
    const bool tighter = !bound || (lower ? value >= *bound : value <= *bound);
    if (!tighter) continue;
    strict = keyword == exclusive;
    bound = value;
  }
  if (!bound) return std::optional<Bound>();
  // Numbers don't get so large; a bound beyond them either allows all or none.
  const auto limit = static_cast<double>(kMaxWhole);
  if (lower ? *bound < -limit : *bound > limit) return std::optional<Bound>();
  const auto decimal = DecimalOf(*bound);
  if (!decimal)
    return SchemaError(
        where, fmt::format("bound {} can't be enforced", *bound),
        fmt::format("must have at most {} digits before and behind the point", kMaxFractionDigits));
  return std::optional(Bound{*decimal, strict});
}

Result<NodeId> SchemaCompiler::Whole(const Json& schema, const std::string& where) {
  LEDGE_TRY(const auto low, BoundOf(schema, "minimum", "exclusiveMinimum", true, where));
  LEDGE_TRY(const auto high, BoundOf(schema, "maximum", "exclusiveMaximum", false, where));
  if (!low && !high) return json_.Whole();
  const auto whole = [](const Bound& bound, bool lower) {
    const auto magnitude = static_cast<int64_t>(bound.value.whole);
    const int64_t towards_zero = bound.value.negative ? -magnitude : magnitude;
    if (bound.value.fraction.empty())
      return towards_zero + (bound.exclusive ? (lower ? 1 : -1) : 0);
    if (lower) return bound.value.negative ? towards_zero : towards_zero + 1;
    return bound.value.negative ? towards_zero - 1 : towards_zero;
  };
  const int64_t least = low ? whole(*low, true) : -kMaxWhole;
  const int64_t most = high ? whole(*high, false) : kMaxWhole;
  if (least > most)
    return SchemaError(where, fmt::format("no whole number is from {} to {}", least, most),
                       "must allow at least one value");
  return WholeRange(syntax_, json_, std::max(least, -kMaxWhole), std::min(most, kMaxWhole));
}

Result<NodeId> SchemaCompiler::Number(const Json& schema, const std::string& where) {
  LEDGE_TRY(const auto low, BoundOf(schema, "minimum", "exclusiveMinimum", true, where));
  LEDGE_TRY(const auto high, BoundOf(schema, "maximum", "exclusiveMaximum", false, where));
  if (!low && !high) return json_.Number();
  return NumberRange(syntax_, json_, low, high);
}

}  // namespace ledge::grammar
