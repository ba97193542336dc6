// The functions that every template finds defined.
#include <iterator>

#include "engine/template/builtins.h"
#include "engine/template/strftime.h"

namespace ledge::jinja {
namespace {

constexpr size_t kMaxRaisedBytes = 500;
constexpr size_t kMaxTimeFormatBytes = 200;

Result<Value> RaiseException(Interpreter& in, const Arguments& arguments) {
  LEDGE_TRY(const auto bound, Bind("raise_exception", arguments, {"message"}, 1));
  LEDGE_TRY(const auto message, AsText(in, *bound[0]));
  return MakeError(Code::kUsage, "the model's chat template refuses these messages: {}",
                   message.bytes().substr(0, kMaxRaisedBytes));
}

Result<Value> StrftimeNow(Interpreter& in, const Arguments& arguments) {
  LEDGE_TRY(const auto bound, Bind("strftime_now", arguments, {"format"}, 1));
  LEDGE_TRY(const auto format, TextOr("strftime_now", bound[0], {}));
  if (format.size() > kMaxTimeFormatBytes) {
    return MakeError(Code::kUnsupported, "a format of {} bytes for strftime_now; at most {}",
                     format.size(), kMaxTimeFormatBytes);
  }
  LEDGE_TRY(auto text,
            MakeText(in.heap(), FormatTime(format.bytes(), in.now()), !format.plain().empty()));
  return Value(std::move(text));
}

Result<Value> MakeNamespace(Interpreter& in, const Arguments& arguments) {
  LEDGE_TRY(Namespace * ns, in.NewNamespace());
  for (const Value& value : arguments.positional) {
    const Dict* dict = value.dict();
    if (!dict) return WrongType("namespace()", value, "a dict or named values");
    for (const auto& [key, item] : dict->entries) {
      if (!key.text()) return WrongType("a namespace's name", key, "a text");
      LEDGE_CHECK_OK(in.SetAttribute(*ns, key.text()->bytes(), item));
    }
  }
  for (const auto& [name, value] : arguments.named)
    LEDGE_CHECK_OK(in.SetAttribute(*ns, name, value));
  return Value(ns);
}

Result<Value> MakeDictionary(Interpreter& in, const Arguments& arguments) {
  DictBuilder dict(in.heap());
  for (const Value& value : arguments.positional) {
    LEDGE_TRY(const auto items, in.Sequence(value));
    for (const Value& item : items->items) {
      if (value.dict()) {
        LEDGE_TRY(const Value* found, Lookup(in.heap(), *value.dict(), item));
        LEDGE_CHECK_OK(dict.Set(item, *found));
        continue;
      }
      LEDGE_TRY(const auto pair, in.Sequence(item));
      if (pair->items.size() != 2) return WrongType("dict()", item, "pairs");
      LEDGE_CHECK_OK(dict.Set(pair->items[0], pair->items[1]));
    }
  }
  for (const auto& [name, value] : arguments.named) {
    LEDGE_CHECK_OK(dict.Set(Value(Text::Literal(std::string(name))), value));
  }
  return dict.Finish();
}

Result<Value> MakeRange(Interpreter& in, const Arguments& arguments) {
  LEDGE_TRY(const auto bound, Bind("range", arguments, {"start", "stop", "step"}, 1));
  LEDGE_TRY(const int64_t first, IntegerOr("range", bound[0], 0));
  LEDGE_TRY(const int64_t second, IntegerOr("range", bound[1], 0));
  LEDGE_TRY(const int64_t step, IntegerOr("range", bound[2], 1));
  const int64_t start = bound[1] ? first : 0;
  const int64_t stop = bound[1] ? second : first;
  if (step == 0)
    return MakeError(Code::kMalformed, "range() with step 0; it must be another number");
  // Counted without a step that could overflow.
  __extension__ using Wide = __int128;
  const Wide distance = step > 0 ? Wide(stop) - start : Wide(start) - stop;
  const Wide stride = step > 0 ? Wide(step) : -Wide(step);
  const Wide count = distance <= 0 ? 0 : (distance + stride - 1) / stride;
  if (count > kMaxRange) {
    return MakeError(Code::kUnsupported,
                     "range() of more than {} numbers; a chat template needs far fewer", kMaxRange);
  }
  LEDGE_CHECK_OK(in.heap().Step(static_cast<uint64_t>(count) / 16));
  std::vector<Value> items;
  items.reserve(static_cast<size_t>(count));
  for (int64_t i = 0; i < static_cast<int64_t>(count); ++i) {
    items.emplace_back(static_cast<int64_t>(Wide(start) + Wide(i) * step));
  }
  return MakeList(in.heap(), std::move(items));
}

constexpr Function kFunctions[] = {
    {"dict", MakeDictionary},      {"namespace", MakeNamespace},
    {"range", MakeRange},          {"raise_exception", RaiseException},
    {"strftime_now", StrftimeNow},
};

}  // namespace

std::span<const Function> Functions() { return kFunctions; }

}  // namespace ledge::jinja
