// The tables of everything that a template can call, and what their entries share.
#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/template/interpreter.h"

namespace ledge::jinja {

struct Filter {
  std::string_view name;
  Result<Value> (*apply)(Interpreter&, const Value&, const Arguments&);
};
struct Test {
  std::string_view name;
  Result<bool> (*apply)(Interpreter&, const Value&, const Arguments&);
};
struct TextMethod {
  std::string_view name;
  Result<Value> (*call)(Interpreter&, const Text&, const Arguments&);
};

std::span<const Filter> TextFilters();      // filters_text.cc
std::span<const Filter> SequenceFilters();  // filters_sequence.cc
std::span<const Filter> ValueFilters();     // filters_value.cc
std::span<const Test> Tests();              // predicates.cc
std::span<const TextMethod> TextMethods();  // text_methods.cc
std::span<const Function> Functions();      // functions.cc

// Methods of texts, lists and dicts by name, or nullptr; the name returned lives for ever
// (methods.cc).
const std::string_view* FindMethod(const Value& self, std::string_view name);
// Whether it is one of the methods by which Python would change a list or dict.
bool ChangesValue(const Value& self, std::string_view name);
Result<Value> CallMethod(Interpreter& in, const Value& self, std::string_view name,
                         const Arguments& arguments);

// For messages about what is unknown: "abs, batch, capitalize".
std::string ListOf(std::vector<std::string_view> names);

// Arguments in the order of `names`, each given by position or by name; empty where absent.
// kMalformed for too many, unknown or missing ones (the first `required` must be there).
using Bound = std::vector<std::optional<Value>>;
Result<Bound> Bind(std::string_view function, const Arguments& arguments,
                   std::initializer_list<std::string_view> names, size_t required = 0);

// One bound argument as the type it must have; `fallback` where absent.
Result<int64_t> IntegerOr(std::string_view function, const std::optional<Value>& argument,
                          int64_t fallback);
Result<Text> TextOr(std::string_view function, const std::optional<Value>& argument, Text fallback);
bool FlagOr(const std::optional<Value>& argument, bool fallback);
// The operand of a filter as text, as str() would give it.
Result<Text> AsText(Interpreter& in, const Value& value);
Error WrongType(std::string_view function, const Value& value, std::string_view wanted);

}  // namespace ledge::jinja
