// Filters over numbers and over any value.
#include <charconv>
#include <cmath>
#include <iterator>

#include "engine/template/builtins.h"
#include "engine/template/operators.h"

namespace ledge::jinja {
namespace {

Result<Value> Default(Interpreter&, const Value& value, const Arguments& arguments) {
  LEDGE_TRY(const auto bound, Bind("default", arguments, {"default_value", "boolean"}));
  const bool absent = value.undefined() || (FlagOr(bound[1], false) && !Truthy(value));
  return absent ? bound[0].value_or(Value(Text())) : value;
}

Result<Value> Abs(Interpreter&, const Value& value, const Arguments&) {
  if (value.Is<double>()) return Value(std::fabs(value.AsDouble()));
  if (!value.integral()) return WrongType("'abs'", value, "a number");
  return value.AsInteger() < 0 ? Negated(value) : Result<Value>(value);
}

std::string_view Trimmed(std::string_view text) {
  text.remove_prefix(LeadingSpace(text));
  text.remove_suffix(TrailingSpace(text));
  if (text.starts_with('+')) text.remove_prefix(1);
  return text;
}

std::optional<double> ParseFloat(std::string_view text) {
  text = Trimmed(text);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<int64_t> ParseInteger(std::string_view text, int base) {
  text = Trimmed(text);
  if (text.size() > 2 && text[0] == '0' && base != 10) text.remove_prefix(2);
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<int64_t> Truncated(double value) {
  if (!(value > -9.2e18 && value < 9.2e18)) return std::nullopt;
  return static_cast<int64_t>(value);
}

Result<Value> Int(Interpreter&, const Value& value, const Arguments& arguments) {
  LEDGE_TRY(const auto bound, Bind("int", arguments, {"default", "base"}));
  LEDGE_TRY(const int64_t base, IntegerOr("int", bound[1], 10));
  if (base != 2 && base != 8 && base != 10 && base != 16) {
    return MakeError(Code::kUnsupported, "'int' with base {}; it takes 2, 8, 10 and 16", base);
  }
  std::optional<int64_t> result;
  if (value.integral()) result = value.AsInteger();
  if (value.Is<double>()) result = Truncated(value.AsDouble());
  if (const Text* text = value.text()) {
    result = ParseInteger(text->bytes(), static_cast<int>(base));
    if (const auto number = ParseFloat(text->bytes()); !result && number)
      result = Truncated(*number);
  }
  if (result) return Value(*result);
  return bound[0].value_or(Value(int64_t{0}));
}

Result<Value> Float(Interpreter&, const Value& value, const Arguments& arguments) {
  LEDGE_TRY(const auto bound, Bind("float", arguments, {"default"}));
  if (value.number()) return Value(value.AsDouble());
  if (const Text* text = value.text()) {
    if (const auto number = ParseFloat(text->bytes())) return Value(*number);
  }
  return bound[0].value_or(Value(0.0));
}

Result<Value> Round(Interpreter&, const Value& value, const Arguments& arguments) {
  LEDGE_TRY(const auto bound, Bind("round", arguments, {"precision", "method"}));
  LEDGE_TRY(const int64_t precision, IntegerOr("round", bound[0], 0));
  LEDGE_TRY(const auto method, TextOr("round", bound[1], Text::Literal("common")));
  if (!value.number()) return WrongType("'round'", value, "a number");
  if (precision < 0 || precision > 15) {
    return MakeError(Code::kUnsupported, "'round' to {} digits; it takes 0 to 15", precision);
  }
  const double number = value.AsDouble();
  const double scale = std::pow(10.0, static_cast<double>(precision));
  if (method.bytes() == "ceil") return Value(std::ceil(number * scale) / scale);
  if (method.bytes() == "floor") return Value(std::floor(number * scale) / scale);
  if (method.bytes() != "common")
    return MakeError(Code::kMalformed, "'round' by '{}'; it takes common, ceil or floor",
                     method.bytes().substr(0, 40));
  if (value.integral()) return value;
  if (!std::isfinite(number)) return value;
  // Decimal rounding of the exact value, as Python does it.
  const std::string digits = fmt::format("{:.{}f}", number, precision);
  return Value(ParseFloat(digits).value_or(number));
}

Result<Value> WordCount(Interpreter& in, const Value& value, const Arguments&) {
  LEDGE_TRY(const auto text, AsText(in, value));
  LEDGE_CHECK_OK(in.heap().StepBytes(text.size()));
  int64_t words = 0;
  bool inside = false;
  for (const char c : text.bytes()) {
    const bool letter = static_cast<unsigned char>(c) >= 0x80 || c == '_' ||
                        (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
    words += letter && !inside;
    inside = letter;
  }
  return Value(words);
}

constexpr Filter kValueFilters[] = {
    {"abs", Abs}, {"d", Default},   {"default", Default},     {"float", Float},
    {"int", Int}, {"round", Round}, {"wordcount", WordCount},
};

}  // namespace

std::span<const Filter> ValueFilters() { return kValueFilters; }

}  // namespace ledge::jinja
