// Interpreter: calls, and the arguments of what is built in.
#include <algorithm>

#include "engine/template/builtins.h"
#include "engine/template/interpreter_guards.h"
#include "engine/template/present.h"

namespace ledge::jinja {
namespace {

template <typename Entry>
const Entry* FindEntry(std::span<const Entry> table, std::string_view name) {
  for (const Entry& entry : table) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

}  // namespace

Error WrongType(std::string_view function, const Value& value, std::string_view wanted) {
  if (const Undefined* undefined = value.As<Undefined>(); undefined && undefined->name) {
    return MakeError(Code::kMalformed, "{} of '{}', which is undefined; it takes {}", function,
                     *undefined->name, wanted);
  }
  return MakeError(Code::kMalformed, "{} of {} value; it takes {}", function, TypeName(value),
                   wanted);
}

Result<Bound> Bind(std::string_view function, const Arguments& arguments,
                   std::initializer_list<std::string_view> names, size_t required) {
  if (arguments.positional.size() > names.size()) {
    return MakeError(Code::kMalformed, "'{}' was given {} arguments; it takes at most {}", function,
                     arguments.positional.size(), names.size());
  }
  Bound bound(names.size());
  for (size_t i = 0; i < arguments.positional.size(); ++i) bound[i] = arguments.positional[i];
  for (const auto& [name, value] : arguments.named) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) {
      return MakeError(Code::kMalformed, "'{}' has no argument '{}'", function, name);
    }
    bound[static_cast<size_t>(found - names.begin())] = value;
  }
  for (size_t i = 0; i < required; ++i) {
    if (!bound[i]) {
      return MakeError(Code::kMalformed, "'{}' lacks its argument '{}'", function,
                       *(names.begin() + i));
    }
  }
  return bound;
}

Result<int64_t> IntegerOr(std::string_view function, const std::optional<Value>& argument,
                          int64_t fallback) {
  if (!argument || argument->none()) return fallback;
  if (!argument->integral()) return WrongType(function, *argument, "an integer");
  return argument->AsInteger();
}

Result<Text> TextOr(std::string_view function, const std::optional<Value>& argument,
                    Text fallback) {
  if (!argument || argument->none()) return fallback;
  if (!argument->text()) return WrongType(function, *argument, "a text");
  return *argument->text();
}

bool FlagOr(const std::optional<Value>& argument, bool fallback) {
  return argument ? Truthy(*argument) : fallback;
}

Result<Text> AsText(Interpreter& in, const Value& value) {
  if (const Text* text = value.text()) return *text;
  TextBuilder out(in.heap());
  LEDGE_CHECK_OK(AppendStr(out, value));
  return out.Finish();
}

Result<Value> Interpreter::Call(const Value& callee, Arguments arguments) {
  const Nested nested(*this);
  LEDGE_CHECK_OK(CheckDepth());
  if (const auto* macro = callee.As<const Macro*>())
    return CallMacro(**macro, std::move(arguments));
  if (const auto* function = callee.As<const Function*>())
    return (*function)->call(*this, arguments);
  if (const auto* loop = callee.As<const LoopState*>()) return CallLoop(**loop, arguments);
  if (const BoundMethod* method = callee.method())
    return CallMethod(*this, method->self, method->name, arguments);
  if (const Undefined* undefined = callee.As<Undefined>(); undefined && undefined->name) {
    return MakeError(Code::kMalformed, "'{}' is called but is undefined", *undefined->name);
  }
  return MakeError(Code::kMalformed, "a value of type {} is called as if it were a function",
                   TypeName(callee));
}

Result<Value> Interpreter::ApplyFilter(std::string_view name, const Value& operand,
                                       const Arguments& arguments) {
  const auto tables = {TextFilters(), SequenceFilters(), ValueFilters()};
  for (const auto table : tables) {
    if (const Filter* filter = FindEntry(table, name))
      return filter->apply(*this, operand, arguments);
  }
  std::vector<std::string_view> known;
  for (const auto table : tables) {
    for (const Filter& filter : table) known.push_back(filter.name);
  }
  return MakeError(Code::kUnsupported, "unknown filter '{}'; known are {}", name.substr(0, 40),
                   ListOf(std::move(known)));
}

Result<bool> Interpreter::ApplyTest(std::string_view name, const Value& operand,
                                    const Arguments& arguments) {
  if (const Test* test = FindEntry(Tests(), name)) return test->apply(*this, operand, arguments);
  std::vector<std::string_view> known;
  for (const Test& test : Tests()) known.push_back(test.name);
  return MakeError(Code::kUnsupported, "unknown test '{}'; known are {}", name.substr(0, 40),
                   ListOf(std::move(known)));
}

Result<Value> Interpreter::NewMacro(const Callable& callable) {
  LEDGE_CHECK_OK(heap_.Charge(sizeof(Macro) + 2 * sizeof(void*)));
  auto macro = std::make_unique<Macro>();
  macro->callable = &callable;
  macro->scope = scope_;
  macro->serial = scope_->serial;
  macros_.push_back(std::move(macro));
  return Value(static_cast<const Macro*>(macros_.back().get()));
}

bool Interpreter::Active(const Scope* scope, uint64_t serial) const {
  return std::any_of(active_.begin(), active_.end(),
                     [&](const Scope* each) { return each == scope && each->serial == serial; });
}

Result<Value> Interpreter::CallMacro(const Macro& macro, Arguments arguments) {
  const Callable& callable = *macro.callable;
  if (!Active(macro.scope, macro.serial)) {
    return MakeError(Code::kUnsupported,
                     "the macro '{}' is called after the block that defined it has ended",
                     callable.name);
  }
  Value caller = std::exchange(pending_caller_, Value());
  const ScopeGuard guard(*this, macro.scope);
  const size_t count = callable.parameters.size();
  const size_t first_default = count - callable.defaults.size();
  std::vector<Value> extra;
  for (size_t i = count; i < arguments.positional.size(); ++i)
    extra.push_back(std::move(arguments.positional[i]));
  arguments.positional.resize(std::min(count, arguments.positional.size()));
  for (size_t i = 0; i < count; ++i) {
    const auto named =
        std::find_if(arguments.named.begin(), arguments.named.end(),
                     [&](const auto& each) { return each.first == callable.parameters[i]; });
    Value value{Undefined{&callable.parameters[i]}};
    if (i < arguments.positional.size()) {
      value = std::move(arguments.positional[i]);
    } else if (named != arguments.named.end()) {
      value = std::move(named->second);
    } else if (i >= first_default) {
      LEDGE_TRY(value, Eval(*callable.defaults[i - first_default]));
    }
    LEDGE_CHECK_OK(Store(callable.symbols[i], std::move(value)));
  }
  if (!extra.empty()) {
    LEDGE_TRY(auto list, MakeList(heap_, std::move(extra), List::Flavor::kTuple));
    LEDGE_CHECK_OK(Store(callable.varargs, std::move(list)));
  }
  if (!caller.undefined()) LEDGE_CHECK_OK(Store(callable.caller, std::move(caller)));
  TextBuilder out(heap_);
  const OutputGuard output(*this, out);
  LEDGE_TRY(const auto flow, Execute(callable.body));
  static_cast<void>(flow);
  LEDGE_TRY(auto text, out.Finish());
  return Value(std::move(text));
}

Result<Value> Interpreter::CallLoop(const LoopState& loop, const Arguments& arguments) {
  if (!loop.recursive || !loop.items) {
    return MakeError(Code::kMalformed, "'loop' is called outside of a loop marked 'recursive'");
  }
  LEDGE_TRY(const auto bound, Bind("loop", arguments, {"iterable"}, 1));
  const ScopeGuard guard(*this, loop.outer);
  TextBuilder out(heap_);
  const OutputGuard output(*this, out);
  LEDGE_TRY(const auto flow, RunLoop(*loop.recursive, *bound[0], loop.depth + 1));
  static_cast<void>(flow);
  LEDGE_TRY(auto text, out.Finish());
  return Value(std::move(text));
}

}  // namespace ledge::jinja
