// Jinja's tests: `value is NAME`.
#include <utf8proc.h>

#include <algorithm>
#include <iterator>

#include "base/utf8.h"
#include "engine/template/builtins.h"
#include "engine/template/operators.h"

namespace ledge::jinja {
namespace {

Result<bool> Divisible(std::string_view name, const Value& value, int64_t by) {
  if (!value.integral()) return WrongType(name, value, "an integer");
  if (by == 0) return MakeError(Code::kMalformed, "'{}' by zero", name);
  return by == -1 || value.AsInteger() % by == 0;
}

// Python's islower() / isupper(): at least one cased letter, and none of the other case.
bool AllCased(std::string_view text, bool upper) {
  bool any = false;
  while (!text.empty()) {
    const auto rune = static_cast<utf8proc_int32_t>(Utf8Next(text));
    const auto category = utf8proc_category(rune);
    if (category == (upper ? UTF8PROC_CATEGORY_LL : UTF8PROC_CATEGORY_LU)) return false;
    any |= category == (upper ? UTF8PROC_CATEGORY_LU : UTF8PROC_CATEGORY_LL);
  }
  return any;
}

template <bool upper>
Result<bool> IsCased(Interpreter& in, const Value& value, const Arguments&) {
  LEDGE_TRY(const auto text, AsText(in, value));
  LEDGE_CHECK_OK(in.heap().StepBytes(text.size()));
  return AllCased(text.bytes(), upper);
}

template <Op op>
Result<bool> Compared(Interpreter& in, const Value& value, const Arguments& arguments) {
  LEDGE_TRY(const auto bound, Bind("a comparing test", arguments, {"other"}, 1));
  return CompareWith(in, op, value, *bound[0]);
}

Result<bool> DivisibleBy(Interpreter&, const Value& value, const Arguments& arguments) {
  LEDGE_TRY(const auto bound, Bind("divisibleby", arguments, {"num"}, 1));
  LEDGE_TRY(const int64_t by, IntegerOr("divisibleby", bound[0], 0));
  return Divisible("divisibleby", value, by);
}

Result<bool> SameAs(Interpreter& in, const Value& value, const Arguments& arguments) {
  LEDGE_TRY(const auto bound, Bind("sameas", arguments, {"other"}, 1));
  const Value& other = *bound[0];
  if (value.list() || value.dict())
    return value.list() == other.list() && value.dict() == other.dict();
  if (TypeName(value) != TypeName(other)) return false;
  return Equal(in.heap(), value, other);
}

constexpr Test kTests[] = {
    {"boolean",
     [](Interpreter&, const Value& v, const Arguments&) -> Result<bool> { return v.Is<bool>(); }},
    {"callable",
     [](Interpreter&, const Value& v, const Arguments&) -> Result<bool> { return v.callable(); }},
    {"defined",
     [](Interpreter&, const Value& v, const Arguments&) -> Result<bool> { return !v.undefined(); }},
    {"undefined",
     [](Interpreter&, const Value& v, const Arguments&) -> Result<bool> { return v.undefined(); }},
    {"none",
     [](Interpreter&, const Value& v, const Arguments&) -> Result<bool> { return v.none(); }},
    {"string",
     [](Interpreter&, const Value& v, const Arguments&) -> Result<bool> {
       return v.text() != nullptr;
     }},
    {"mapping",
     [](Interpreter&, const Value& v, const Arguments&) -> Result<bool> {
       return v.dict() != nullptr;
     }},
    {"number",
     [](Interpreter&, const Value& v, const Arguments&) -> Result<bool> { return v.number(); }},
    {"integer",
     [](Interpreter&, const Value& v, const Arguments&) -> Result<bool> {
       return v.Is<int64_t>();
     }},
    {"float",
     [](Interpreter&, const Value& v, const Arguments&) -> Result<bool> { return v.Is<double>(); }},
    {"true",
     [](Interpreter&, const Value& v, const Arguments&) -> Result<bool> {
       return v.As<bool>() && *v.As<bool>();
     }},
    {"false",
     [](Interpreter&, const Value& v, const Arguments&) -> Result<bool> {
       return v.As<bool>() && !*v.As<bool>();
     }},
    {"iterable",
     [](Interpreter&, const Value& v, const Arguments&) -> Result<bool> {
       return v.text() || v.list() || v.dict() || v.undefined() || v.Is<const LoopState*>();
     }},
    {"sequence",
     [](Interpreter&, const Value& v, const Arguments&) -> Result<bool> {
       const bool generator = v.list() && v.list()->flavor == List::Flavor::kGenerator;
       return (v.text() || v.list() || v.dict() || v.undefined()) && !generator;
     }},
    {"even",
     [](Interpreter&, const Value& v, const Arguments&) { return Divisible("even", v, 2); }},
    {"odd",
     [](Interpreter&, const Value& v, const Arguments&) {
       return Divisible("odd", v, 2).map([](bool even) { return !even; });
     }},
    {"divisibleby", DivisibleBy},
    {"sameas", SameAs},
    {"lower", IsCased<false>},
    {"upper", IsCased<true>},
    {"in", Compared<Op::kIn>},
    {"==", Compared<Op::kEqual>},
    {"eq", Compared<Op::kEqual>},
    {"equalto", Compared<Op::kEqual>},
    {"!=", Compared<Op::kNotEqual>},
    {"ne", Compared<Op::kNotEqual>},
    {"<", Compared<Op::kLess>},
    {"lt", Compared<Op::kLess>},
    {"lessthan", Compared<Op::kLess>},
    {"<=", Compared<Op::kLessEqual>},
    {"le", Compared<Op::kLessEqual>},
    {">", Compared<Op::kGreater>},
    {"gt", Compared<Op::kGreater>},
    {"greaterthan", Compared<Op::kGreater>},
    {">=", Compared<Op::kGreaterEqual>},
    {"ge", Compared<Op::kGreaterEqual>},
};

}  // namespace

std::span<const Test> Tests() { return kTests; }

}  // namespace ledge::jinja
