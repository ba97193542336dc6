#include "engine/template/operators.h"

#include <algorithm>
#include <cmath>

#include "engine/template/builtins.h"
#include "engine/template/present.h"

namespace ledge::jinja {
namespace {

constexpr uint64_t kChunkBytes = 4096;

std::string_view Sign(Op op) {
  static constexpr std::string_view kSigns[] = {"+",  "-",  "*", "/",  "//", "%",  "**", "~",
                                                "==", "!=", "<", "<=", ">",  ">=", "in", "not in"};
  return kSigns[static_cast<size_t>(op)];
}

Error Overflow(Op op) {
  return MakeError(Code::kUnsupported, "the result of '{}' does not fit into 64 bits", Sign(op));
}
Error ByZero() { return MakeError(Code::kMalformed, "a division by zero"); }

Error CannotCombine(Op op, const Value& left, const Value& right) {
  for (const Value* side : {&left, &right}) {
    const Undefined* undefined = side->As<Undefined>();
    if (undefined && undefined->name) {
      return MakeError(Code::kMalformed, "'{}' is undefined, an operand of '{}'", *undefined->name,
                       Sign(op));
    }
  }
  return MakeError(Code::kMalformed, "'{}' between {} and {}; Python has no such operation",
                   Sign(op), TypeName(left), TypeName(right));
}

int64_t FloorDivide(int64_t a, int64_t b) {
  const int64_t quotient = a / b;
  return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
}

Result<Value> Power(int64_t base, int64_t exponent) {
  if (exponent < 0) {
    if (base == 0) return ByZero();
    return Value(std::pow(static_cast<double>(base), static_cast<double>(exponent)));
  }
  int64_t result = 1;
  // |base| > 1 leaves 64 bits within 64 rounds; the others don't need them.
  if (base == 1 || exponent == 0) return Value(int64_t{1});
  if (base == 0) return Value(int64_t{0});
  if (base == -1) return Value(int64_t{exponent % 2 == 0 ? 1 : -1});
  for (int64_t i = 0; i < exponent; ++i) {
    if (__builtin_mul_overflow(result, base, &result)) return Overflow(Op::kPower);
  }
  return Value(result);
}

Result<Value> Integers(Op op, int64_t a, int64_t b) {
  int64_t result = 0;
  bool overflow = false;
  switch (op) {
    case Op::kAdd:
      overflow = __builtin_add_overflow(a, b, &result);
      break;
    case Op::kSubtract:
      overflow = __builtin_sub_overflow(a, b, &result);
      break;
    case Op::kMultiply:
      overflow = __builtin_mul_overflow(a, b, &result);
      break;
    case Op::kPower:
      return Power(a, b);
    default:
      if (b == 0) return ByZero();
      if (op == Op::kDivide) return Value(static_cast<double>(a) / static_cast<double>(b));
      if (b == -1) {  // the one division that can overflow
        overflow = op == Op::kFloorDivide && __builtin_sub_overflow(int64_t{0}, a, &result);
        break;
      }
      result = FloorDivide(a, b);
      if (op == Op::kModulo) result = a - result * b;
  }
  if (overflow) return Overflow(op);
  return Value(result);
}

Result<Value> Floats(Op op, double a, double b) {
  switch (op) {
    case Op::kAdd:
      return Value(a + b);
    case Op::kSubtract:
      return Value(a - b);
    case Op::kMultiply:
      return Value(a * b);
    case Op::kPower:
      return Value(std::pow(a, b));
    default:
      break;
  }
  if (b == 0) return ByZero();
  if (op == Op::kDivide) return Value(a / b);
  const double floor = std::floor(a / b);
  return Value(op == Op::kFloorDivide ? floor : a - floor * b);
}

Result<Value> Joined(Heap& heap, const Text& left, const Text& right) {
  TextBuilder out(heap);
  LEDGE_CHECK_OK(out.Append(left));
  LEDGE_CHECK_OK(out.Append(right));
  LEDGE_TRY(auto text, out.Finish());
  return Value(std::move(text));
}

Result<Value> JoinedLists(Heap& heap, const List& left, const List& right) {
  const size_t size = left.items.size() + right.items.size();
  LEDGE_CHECK_OK(heap.Step(size / 16));
  std::vector<Value> items;
  items.reserve(size);
  items.insert(items.end(), left.items.begin(), left.items.end());
  items.insert(items.end(), right.items.begin(), right.items.end());
  return MakeList(heap, std::move(items), left.flavor);
}

// In chunks, so that the cost follows the bytes and not the count.
Result<Value> RepeatedText(Heap& heap, const Text& text, uint64_t times) {
  if (text.empty() || times == 0) return Value(Text());
  const uint64_t in_chunk = std::clamp<uint64_t>(kChunkBytes / text.size(), 1, times);
  TextBuilder chunk(heap);
  for (uint64_t i = 0; i < in_chunk; ++i) LEDGE_CHECK_OK(chunk.Append(text));
  LEDGE_TRY(const auto repeated, chunk.Finish());
  TextBuilder out(heap);
  for (uint64_t i = 0; i < times / in_chunk; ++i) LEDGE_CHECK_OK(out.Append(repeated));
  LEDGE_CHECK_OK(out.AppendSlice(repeated, 0, times % in_chunk * text.size()));
  LEDGE_TRY(auto all, out.Finish());
  return Value(std::move(all));
}

// text * n and list * n.
Result<Value> Repeated(Heap& heap, const Value& value, int64_t count) {
  const auto times = static_cast<uint64_t>(std::max<int64_t>(0, count));
  if (const Text* text = value.text()) {
    if (times > 0 && text->size() > kMaxTextBytes / times) {
      return MakeError(Code::kUnsupported,
                       "a text of {} bytes times {}; the result may have at most {} bytes",
                       text->size(), times, kMaxTextBytes);
    }
    return RepeatedText(heap, *text, times);
  }
  const List& list = *value.list();
  if (times > 0 && list.items.size() > static_cast<uint64_t>(kMaxRange) / times) {
    return MakeError(Code::kUnsupported,
                     "a list of {} items times {}; the result may have at most {}",
                     list.items.size(), times, kMaxRange);
  }
  std::vector<Value> items;
  for (uint64_t i = 0; i < times && !list.items.empty(); ++i) {
    LEDGE_CHECK_OK(heap.Step());
    items.insert(items.end(), list.items.begin(), list.items.end());
  }
  return MakeList(heap, std::move(items), list.flavor);
}

}  // namespace

Result<Value> Arithmetic(Interpreter& in, Op op, const Value& left, const Value& right) {
  if (op == Op::kConcatenate) {
    LEDGE_TRY(const auto a, AsText(in, left));
    LEDGE_TRY(const auto b, AsText(in, right));
    return Joined(in.heap(), a, b);
  }
  if (left.integral() && right.integral()) return Integers(op, left.AsInteger(), right.AsInteger());
  if (left.number() && right.number()) return Floats(op, left.AsDouble(), right.AsDouble());
  if (op == Op::kAdd && left.text() && right.text())
    return Joined(in.heap(), *left.text(), *right.text());
  if (op == Op::kAdd && left.list() && right.list()) {
    const bool tuples = left.list()->flavor == List::Flavor::kTuple;
    if (tuples == (right.list()->flavor == List::Flavor::kTuple)) {
      return JoinedLists(in.heap(), *left.list(), *right.list());
    }
  }
  if (op == Op::kMultiply) {
    if ((left.text() || left.list()) && right.integral())
      return Repeated(in.heap(), left, right.AsInteger());
    if ((right.text() || right.list()) && left.integral())
      return Repeated(in.heap(), right, left.AsInteger());
  }
  if (op == Op::kModulo && left.text()) {
    const List* list = right.list();
    const bool tuple = list && list->flavor == List::Flavor::kTuple;
    return PercentFormat(in, *left.text(), tuple ? list->items : std::vector<Value>{right});
  }
  return CannotCombine(op, left, right);
}

Result<Value> Negated(const Value& value) {
  if (value.Is<double>()) return Value(-value.AsDouble());
  if (!value.integral()) return WrongType("unary -", value, "a number");
  return Integers(Op::kSubtract, 0, value.AsInteger());
}

Result<bool> Contains(Interpreter& in, const Value& container, const Value& item) {
  Heap& heap = in.heap();
  if (const Text* text = container.text()) {
    if (!item.text()) return CannotCombine(Op::kIn, item, container);
    LEDGE_CHECK_OK(heap.StepBytes(text->size() + item.text()->size()));
    return FindBytes(text->bytes(), item.text()->bytes(), 0) != std::string_view::npos;
  }
  if (const Dict* dict = container.dict()) {
    LEDGE_TRY(const Value* found, Lookup(heap, *dict, item));
    return found != nullptr;
  }
  if (const List* list = container.list()) {
    for (const Value& each : list->items) {
      LEDGE_CHECK_OK(heap.Step());
      LEDGE_TRY(const bool same, Equal(heap, each, item));
      if (same) return true;
    }
    return false;
  }
  if (container.undefined()) return false;
  return CannotCombine(Op::kIn, item, container);
}

Result<bool> CompareWith(Interpreter& in, Op op, const Value& left, const Value& right) {
  switch (op) {
    case Op::kEqual:
      return Equal(in.heap(), left, right);
    case Op::kNotEqual:
      return Equal(in.heap(), left, right).map([](bool same) { return !same; });
    case Op::kIn:
      return Contains(in, right, left);
    case Op::kNotIn:
      return Contains(in, right, left).map([](bool found) { return !found; });
    default:
      break;
  }
  const bool swap = op == Op::kGreater || op == Op::kGreaterEqual;
  LEDGE_TRY(const bool less, Less(in.heap(), swap ? right : left, swap ? left : right));
  if (less || op == Op::kLess || op == Op::kGreater) return less;
  return Equal(in.heap(), left, right);
}

}  // namespace ledge::jinja
