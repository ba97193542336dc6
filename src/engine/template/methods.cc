// Methods of lists, dicts and `loop`, and the way to all methods by name.
#include <algorithm>
#include <iterator>

#include "engine/template/builtins.h"

namespace ledge::jinja {
namespace {

struct Method {
  std::string_view name;
  Result<Value> (*call)(Interpreter&, const Value&, const Arguments&);
};

constexpr std::string_view kChangingList[] = {"append", "clear",  "extend",  "insert",
                                              "pop",    "remove", "reverse", "sort"};
constexpr std::string_view kChangingDict[] = {"clear", "pop", "popitem", "setdefault", "update"};

Result<Value> Get(Interpreter& in, const Value& self, const Arguments& arguments) {
  LEDGE_TRY(const auto bound, Bind("get", arguments, {"key", "default"}, 1));
  LEDGE_TRY(const Value* found, Lookup(in.heap(), *self.dict(), *bound[0]));
  if (found) return *found;
  return bound[1].value_or(Value(None{}));
}

// A view, so a list with a length and not a generator.
Result<Value> DictItems(Interpreter& in, const Value& self, const Arguments& arguments) {
  LEDGE_TRY(const auto pairs, in.ApplyFilter("items", self, arguments));
  return in.ApplyFilter("list", pairs, {});
}

Result<Value> DictKeys(Interpreter& in, const Value& self, const Arguments& arguments) {
  LEDGE_TRY(const auto bound, Bind("keys", arguments, {}));
  return in.ApplyFilter("list", self, {});
}

Result<Value> Values(Interpreter& in, const Value& self, const Arguments& arguments) {
  LEDGE_TRY(const auto bound, Bind("values", arguments, {}));
  std::vector<Value> values;
  LEDGE_CHECK_OK(in.heap().Step(self.dict()->entries.size() / 16));
  for (const auto& [key, value] : self.dict()->entries) values.push_back(value);
  return MakeList(in.heap(), std::move(values));
}

Result<Value> Copy(Interpreter&, const Value& self, const Arguments&) { return self; }

Result<Value> CountItem(Interpreter& in, const Value& self, const Arguments& arguments) {
  LEDGE_TRY(const auto bound, Bind("count", arguments, {"value"}, 1));
  int64_t count = 0;
  for (const Value& item : self.list()->items) {
    LEDGE_TRY(const bool same, Equal(in.heap(), item, *bound[0]));
    count += same;
  }
  return Value(count);
}

Result<Value> IndexOf(Interpreter& in, const Value& self, const Arguments& arguments) {
  LEDGE_TRY(const auto bound, Bind("index", arguments, {"value"}, 1));
  const auto& items = self.list()->items;
  for (size_t i = 0; i < items.size(); ++i) {
    LEDGE_TRY(const bool same, Equal(in.heap(), items[i], *bound[0]));
    if (same) return Value(static_cast<int64_t>(i));
  }
  return MakeError(Code::kMalformed, "'index' of a value that isn't in the list");
}

Result<Value> Cycle(Interpreter&, const Value& self, const Arguments& arguments) {
  const LoopState& loop = **self.As<const LoopState*>();
  if (arguments.positional.empty())
    return MakeError(Code::kMalformed, "'loop.cycle' without values");
  return arguments.positional[loop.index % arguments.positional.size()];
}

Result<Value> Changed(Interpreter& in, const Value& self, const Arguments& arguments) {
  const LoopState& loop = **self.As<const LoopState*>();
  LEDGE_TRY(auto now, MakeList(in.heap(), arguments.positional));
  bool same = false;
  if (loop.last) {
    LEDGE_TRY(same, Equal(in.heap(), *loop.last, now));
  }
  // Only while the loop runs, so that nothing outlives it.
  if (loop.items) loop.last = std::move(now);
  return Value(!same);
}

constexpr Method kListMethods[] = {{"copy", Copy}, {"count", CountItem}, {"index", IndexOf}};
constexpr Method kDictMethods[] = {
    {"copy", Copy}, {"get", Get}, {"items", DictItems}, {"keys", DictKeys}, {"values", Values}};
constexpr Method kLoopMethods[] = {{"changed", Changed}, {"cycle", Cycle}};

std::span<const Method> MethodsOf(const Value& self) {
  if (self.list()) return kListMethods;
  if (self.dict()) return kDictMethods;
  if (self.Is<const LoopState*>()) return kLoopMethods;
  return {};
}

}  // namespace

const std::string_view* FindMethod(const Value& self, std::string_view name) {
  if (self.text()) {
    for (const TextMethod& method : TextMethods()) {
      if (method.name == name) return &method.name;
    }
  }
  for (const Method& method : MethodsOf(self)) {
    if (method.name == name) return &method.name;
  }
  return nullptr;
}

std::string ListOf(std::vector<std::string_view> names) {
  std::ranges::sort(names);
  std::string list;
  for (const std::string_view name : names) {
    if (!list.empty()) list += ", ";
    list += name;
  }
  return list;
}

bool ChangesValue(const Value& self, std::string_view name) {
  const auto among = [name](const auto& names) {
    return std::find(std::begin(names), std::end(names), name) != std::end(names);
  };
  return (self.list() && among(kChangingList)) || (self.dict() && among(kChangingDict));
}

Result<Value> CallMethod(Interpreter& in, const Value& self, std::string_view name,
                         const Arguments& arguments) {
  if (const Text* text = self.text()) {
    for (const TextMethod& method : TextMethods()) {
      if (method.name == name) return method.call(in, *text, arguments);
    }
  }
  for (const Method& method : MethodsOf(self)) {
    if (method.name == name) return method.call(in, self, arguments);
  }
  std::vector<std::string_view> known;
  if (self.text()) {
    for (const TextMethod& method : TextMethods()) known.push_back(method.name);
  }
  for (const Method& method : MethodsOf(self)) known.push_back(method.name);
  return MakeError(Code::kUnsupported, "unknown method '{}' of {}; known are {}", name,
                   TypeName(self), ListOf(std::move(known)));
}

}  // namespace ledge::jinja
