// printf-style formatting, as Python's `%` and Jinja's filter `format` do it.
#include <algorithm>

#include "engine/template/builtins.h"
#include "engine/template/operators.h"
#include "engine/template/present.h"

namespace ledge::jinja {
namespace {

struct Spec {
  bool left = false, zero = false, sign = false;
  size_t width = 0;
  std::optional<int> precision;
  char type = 0;
};

constexpr size_t kMaxWidth = 1000;
constexpr int kMaxPrecision = 100;

size_t TakeNumber(std::string_view& text) {
  size_t value = 0;
  while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
    value = std::min<size_t>(value * 10 + static_cast<size_t>(text[0] - '0'), kMaxWidth + 1);
    text.remove_prefix(1);
  }
  return value;
}

Result<Spec> TakeSpec(std::string_view& text) {
  Spec spec;
  for (; !text.empty(); text.remove_prefix(1)) {
    if (text[0] == '-')
      spec.left = true;
    else if (text[0] == '0')
      spec.zero = true;
    else if (text[0] == '+')
      spec.sign = true;
    else
      break;
  }
  spec.width = TakeNumber(text);
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    spec.precision = static_cast<int>(TakeNumber(text));
  }
  if (spec.width > kMaxWidth || spec.precision.value_or(0) > kMaxPrecision) {
    return MakeError(Code::kUnsupported, "a width over {} or a precision over {} in a format",
                     kMaxWidth, kMaxPrecision);
  }
  if (text.empty()) return MakeError(Code::kMalformed, "a format that ends within '%...'");
  spec.type = text[0];
  text.remove_prefix(1);
  return spec;
}

Result<std::string> Number(const Spec& spec, const Value& value) {
  if (!value.number()) return WrongType("a number's format", value, "a number");
  const auto plus = [&](double v) { return spec.sign && v >= 0 ? "+" : ""; };
  if (spec.type == 'f' || spec.type == 'F') {
    return plus(value.AsDouble()) +
           fmt::format("{:.{}f}", value.AsDouble(), spec.precision.value_or(6));
  }
  int64_t integer = 0;
  if (value.Is<double>()) {
    const double d = value.AsDouble();
    if (!(d > -9e18 && d < 9e18))
      return MakeError(Code::kUnsupported, "a float beyond 64 bits as an integer");
    integer = static_cast<int64_t>(d);
  } else {
    integer = value.AsInteger();
  }
  if (spec.type == 'x') return fmt::format("{:x}", integer);
  if (spec.type == 'X') return fmt::format("{:X}", integer);
  return plus(static_cast<double>(integer)) + fmt::format("{}", integer);
}

Result<Text> Piece(Interpreter& in, const Spec& spec, const Value& value) {
  TextBuilder out(in.heap());
  if (spec.type == 's') {
    LEDGE_CHECK_OK(AppendStr(out, value));
  } else if (spec.type == 'r') {
    LEDGE_CHECK_OK(AppendRepr(out, value));
  } else if (std::string_view("diufFxX").find(spec.type) != std::string_view::npos) {
    LEDGE_TRY(auto number, Number(spec, value));
    if (spec.zero && !spec.left && number.size() < spec.width) {
      const size_t sign = number[0] == '-' || number[0] == '+' ? 1 : 0;
      number.insert(sign, spec.width - number.size(), '0');
    }
    LEDGE_CHECK_OK(out.Append(number));
  } else {
    return MakeError(Code::kUnsupported, "the format '%{}'", spec.type);
  }
  return out.Finish();
}

}  // namespace

Result<Value> PercentFormat(Interpreter& in, const Text& format,
                            const std::vector<Value>& arguments) {
  TextBuilder out(in.heap());
  const std::string_view bytes = format.bytes();
  std::string_view rest = bytes;
  size_t used = 0;
  while (!rest.empty()) {
    const size_t at = bytes.size() - rest.size();
    const size_t percent = std::min(bytes.find('%', at), bytes.size());
    LEDGE_CHECK_OK(out.AppendSlice(format, at, percent));
    rest = bytes.substr(std::min(percent + 1, bytes.size()));
    if (percent == bytes.size()) break;
    LEDGE_TRY(const Spec spec, TakeSpec(rest));
    if (spec.type == '%') {
      LEDGE_CHECK_OK(out.AppendSlice(format, percent, percent + 1));
      continue;
    }
    if (used == arguments.size())
      return MakeError(Code::kMalformed, "a format with more places than values");
    LEDGE_TRY(const auto piece, Piece(in, spec, arguments[used++]));
    const size_t length = RuneCount(piece);
    const std::string padding(length < spec.width ? spec.width - length : 0, ' ');
    if (!spec.left) LEDGE_CHECK_OK(out.Append(padding));
    LEDGE_CHECK_OK(out.Append(piece));
    if (spec.left) LEDGE_CHECK_OK(out.Append(padding));
  }
  if (used < arguments.size())
    return MakeError(Code::kMalformed, "a format with fewer places than values");
  LEDGE_TRY(auto text, out.Finish());
  return Value(std::move(text));
}

}  // namespace ledge::jinja
