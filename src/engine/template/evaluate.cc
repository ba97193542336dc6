// Interpreter: expressions.
#include <algorithm>

#include "engine/template/builtins.h"
#include "engine/template/interpreter_guards.h"
#include "engine/template/operators.h"

namespace ledge::jinja {

Result<void> Interpreter::CheckDepth() const {
  if (depth_ <= kMaxEvaluationDepth) return {};
  return MakeError(Code::kUnsupported,
                   "expressions, blocks and macros more than {} deep inside each other",
                   kMaxEvaluationDepth);
}

Result<Value> Interpreter::Eval(const Expr& expr) {
  const Nested nested(*this);
  LEDGE_CHECK_OK(CheckDepth());
  LEDGE_CHECK_OK(heap_.Step());
  line_ = expr.line;
  switch (expr.kind) {
    case Expr::Kind::kLiteral:
      return expr.literal;
    case Expr::Kind::kName:
      return EvalName(expr);
    case Expr::Kind::kList:
    case Expr::Kind::kTuple:
      return EvalList(expr);
    case Expr::Kind::kDict:
      return EvalDict(expr);
    case Expr::Kind::kAttribute:
      return EvalAttribute(expr);
    case Expr::Kind::kItem:
      return EvalItem(expr);
    case Expr::Kind::kSlice:
      return EvalSlice(expr);
    case Expr::Kind::kCall:
      return EvalCall(expr);
    case Expr::Kind::kFilter:
      return EvalFilter(expr);
    case Expr::Kind::kTest:
      return EvalTest(expr);
    case Expr::Kind::kNot:
    case Expr::Kind::kNegate:
    case Expr::Kind::kPositive:
      return EvalUnary(expr);
    case Expr::Kind::kChain:
      return EvalChain(expr);
    case Expr::Kind::kCompare:
      return EvalCompare(expr);
    case Expr::Kind::kAnd:
    case Expr::Kind::kOr:
      return EvalLogic(expr);
    case Expr::Kind::kTernary:
      return EvalTernary(expr);
  }
  return MakeError(Code::kInternal, "an expression of unknown kind");
}

Result<Value> Interpreter::EvalName(const Expr& expr) {
  for (const Scope* scope = scope_; scope; scope = scope->parent) {
    const auto& variables = scope->variables;
    if (variables.size() > 64) LEDGE_CHECK_OK(heap_.Step(variables.size() / 64));
    for (const auto& [symbol, value] : variables) {
      if (symbol == expr.symbol) return value;
    }
  }
  return Value(Undefined{&program_.names[expr.symbol]});
}

Result<Value> Interpreter::EvalList(const Expr& expr) {
  std::vector<Value> items;
  items.reserve(expr.parts.size());
  for (const auto& part : expr.parts) {
    LEDGE_TRY(auto item, Eval(*part));
    items.push_back(std::move(item));
  }
  const bool tuple = expr.kind == Expr::Kind::kTuple;
  return MakeList(heap_, std::move(items), tuple ? List::Flavor::kTuple : List::Flavor::kList);
}

Result<Value> Interpreter::EvalDict(const Expr& expr) {
  DictBuilder dict(heap_);
  for (size_t i = 0; i + 1 < expr.parts.size(); i += 2) {
    LEDGE_TRY(auto key, Eval(*expr.parts[i]));
    LEDGE_TRY(auto value, Eval(*expr.parts[i + 1]));
    LEDGE_CHECK_OK(dict.Set(std::move(key), std::move(value)));
  }
  return dict.Finish();
}

Result<Value> Interpreter::EvalAttribute(const Expr& expr) {
  LEDGE_TRY(const auto base, Eval(*expr.parts[0]));
  line_ = expr.line;
  LEDGE_TRY(auto value, GetAttribute(base, expr.name));
  if (value.undefined()) return Value(Undefined{&expr.name});
  return value;
}

Result<Value> Interpreter::EvalItem(const Expr& expr) {
  LEDGE_TRY(const auto base, Eval(*expr.parts[0]));
  LEDGE_TRY(const auto key, Eval(*expr.parts[1]));
  line_ = expr.line;
  return GetItem(base, key);
}

namespace {

// One bound of a slice, clamped as Python's slice.indices() does.
int64_t Clamp(int64_t index, int64_t size, bool backwards) {
  const int64_t low = backwards ? -1 : 0;
  const int64_t high = backwards ? size - 1 : size;
  if (index < 0) return index < -size ? low : index + size;  // no overflow: index >= -size
  return index > high ? high : index;
}

struct Range {
  int64_t start = 0, stop = 0, step = 1;
};

Range SliceRange(const std::optional<int64_t>& start, const std::optional<int64_t>& stop,
                 int64_t step, int64_t size) {
  const bool backwards = step < 0;
  Range range;
  range.step = step;
  range.start = start ? Clamp(*start, size, backwards) : backwards ? size - 1 : 0;
  range.stop = stop ? Clamp(*stop, size, backwards) : backwards ? -1 : size;
  return range;
}

bool Inside(const Range& range, int64_t i) {
  return range.step > 0 ? i < range.stop : i > range.stop;
}

Result<Value> SliceText(Heap& heap, const Text& text, const Range& range) {
  if (range.step == 1) {
    const size_t begin = RuneOffset(text, static_cast<size_t>(range.start));
    const size_t end = RuneOffset(text, static_cast<size_t>(std::max(range.start, range.stop)));
    LEDGE_TRY(auto slice, Slice(heap, text, begin, end));
    return Value(std::move(slice));
  }
  // Offsets of all code points, once.
  LEDGE_CHECK_OK(heap.StepBytes(text.size() * 8));
  LEDGE_CHECK_OK(heap.Charge(text.size() * sizeof(uint32_t)));
  std::vector<uint32_t> starts;
  const auto bytes = text.bytes();
  for (size_t i = 0; i < bytes.size(); ++i) {
    if ((static_cast<unsigned char>(bytes[i]) & 0xC0) != 0x80)
      starts.push_back(static_cast<uint32_t>(i));
  }
  starts.push_back(static_cast<uint32_t>(bytes.size()));
  heap.Release(text.size() * sizeof(uint32_t));
  TextBuilder out(heap);
  for (int64_t i = range.start; Inside(range, i); i += range.step) {
    LEDGE_CHECK_OK(
        out.AppendSlice(text, starts[static_cast<size_t>(i)], starts[static_cast<size_t>(i) + 1]));
  }
  LEDGE_TRY(auto slice, out.Finish());
  return Value(std::move(slice));
}

}  // namespace

Result<Value> Interpreter::EvalSlice(const Expr& expr) {
  LEDGE_TRY(const auto base, Eval(*expr.parts[0]));
  std::optional<int64_t> bounds[3];
  for (size_t i = 0; i < 3; ++i) {
    if (!expr.parts[i + 1]) continue;
    LEDGE_TRY(const auto bound, Eval(*expr.parts[i + 1]));
    if (bound.none()) continue;
    if (!bound.integral()) return WrongType("a slice", bound, "integers");
    bounds[i] = bound.AsInteger();
  }
  line_ = expr.line;
  // Beyond any length there is; keeps index + step from overflowing.
  const int64_t limit = int64_t{1} << 40;
  const int64_t step = std::clamp(bounds[2].value_or(1), -limit, limit);
  if (step == 0)
    return MakeError(Code::kMalformed, "a slice with step 0; it must be another number");
  if (const Text* text = base.text()) {
    LEDGE_CHECK_OK(heap_.StepBytes(text->size()));
    return SliceText(
        heap_, *text,
        SliceRange(bounds[0], bounds[1], step, static_cast<int64_t>(RuneCount(*text))));
  }
  const List* list = base.list();
  if (!list)
    return base.undefined() ? GetItem(base, base)
                            : Result<Value>(WrongType("a slice", base, "a list or text"));
  const Range range =
      SliceRange(bounds[0], bounds[1], step, static_cast<int64_t>(list->items.size()));
  std::vector<Value> items;
  LEDGE_CHECK_OK(heap_.Step(list->items.size() / 16));
  for (int64_t i = range.start; Inside(range, i); i += range.step)
    items.push_back(list->items[static_cast<size_t>(i)]);
  return MakeList(heap_, std::move(items), list->flavor);
}

Result<Arguments> Interpreter::EvalArguments(const Expr& expr) {
  Arguments arguments;
  const size_t named_from = expr.parts.size() - expr.keywords.size();
  for (size_t i = 1; i < expr.parts.size(); ++i) {
    LEDGE_TRY(auto value, Eval(*expr.parts[i]));
    if (i < named_from) {
      arguments.positional.push_back(std::move(value));
    } else {
      arguments.named.emplace_back(expr.keywords[i - named_from], std::move(value));
    }
  }
  return arguments;
}

Result<Value> Interpreter::EvalCall(const Expr& expr) {
  LEDGE_TRY(const auto callee, Eval(*expr.parts[0]));
  LEDGE_TRY(auto arguments, EvalArguments(expr));
  line_ = expr.line;
  return Call(callee, std::move(arguments));
}

Result<Value> Interpreter::EvalFilter(const Expr& expr) {
  LEDGE_TRY(const auto operand, Eval(*expr.parts[0]));
  LEDGE_TRY(const auto arguments, EvalArguments(expr));
  line_ = expr.line;
  return ApplyFilter(expr.name, operand, arguments);
}

Result<Value> Interpreter::Filtered(const Expr* filter, Value text) {
  if (!filter) return text;
  LEDGE_TRY(const auto operand, Filtered(filter->parts[0].get(), std::move(text)));
  LEDGE_TRY(const auto arguments, EvalArguments(*filter));
  line_ = filter->line;
  return ApplyFilter(filter->name, operand, arguments);
}

Result<Value> Interpreter::EvalTest(const Expr& expr) {
  LEDGE_TRY(const auto operand, Eval(*expr.parts[0]));
  LEDGE_TRY(const auto arguments, EvalArguments(expr));
  line_ = expr.line;
  LEDGE_TRY(const bool holds, ApplyTest(expr.name, operand, arguments));
  return Value(holds);
}

Result<Value> Interpreter::EvalUnary(const Expr& expr) {
  LEDGE_TRY(auto operand, Eval(*expr.parts[0]));
  line_ = expr.line;
  if (expr.kind == Expr::Kind::kNot) return Value(!Truthy(operand));
  if (expr.kind == Expr::Kind::kNegate) return Negated(operand);
  if (!operand.number()) return WrongType("unary +", operand, "a number");
  return operand;
}

Result<Value> Interpreter::EvalChain(const Expr& expr) {
  LEDGE_TRY(auto result, Eval(*expr.parts[0]));
  for (size_t i = 0; i < expr.ops.size(); ++i) {
    LEDGE_TRY(const auto right, Eval(*expr.parts[i + 1]));
    line_ = expr.line;
    LEDGE_TRY(result, Arithmetic(*this, expr.ops[i], result, right));
  }
  return result;
}

Result<Value> Interpreter::EvalCompare(const Expr& expr) {
  LEDGE_TRY(auto left, Eval(*expr.parts[0]));
  for (size_t i = 0; i < expr.ops.size(); ++i) {
    LEDGE_TRY(auto right, Eval(*expr.parts[i + 1]));
    line_ = expr.line;
    LEDGE_TRY(const bool holds, CompareWith(*this, expr.ops[i], left, right));
    if (!holds) return Value(false);
    left = std::move(right);
  }
  return Value(true);
}

Result<Value> Interpreter::EvalLogic(const Expr& expr) {
  const bool stop_at = expr.kind == Expr::Kind::kOr;
  Value value;
  for (const auto& part : expr.parts) {
    LEDGE_TRY(value, Eval(*part));
    if (Truthy(value) == stop_at) break;
  }
  return value;
}

Result<Value> Interpreter::EvalTernary(const Expr& expr) {
  LEDGE_TRY(const auto condition, Eval(*expr.parts[1]));
  if (Truthy(condition)) return Eval(*expr.parts[0]);
  if (expr.parts[2]) return Eval(*expr.parts[2]);
  return Value(Undefined{});
}

}  // namespace ledge::jinja
