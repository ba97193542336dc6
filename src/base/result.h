// Result<T>: a value or an Error, for everything that can fail.
//
// Shaped like std::expected<T, Error> and to be replaced by it: the libstdc++ of g++ 12 hides
// std::expected from clang 14, which builds the fuzz targets and runs the static checks.
//
//   Result<int> Parse(std::string_view text);
//   LEDGE_TRY(int n, Parse(text));          // returns the error to the caller, or declares n
//   LEDGE_CHECK_OK(Flush());                // the same for Result<void>
#pragma once

#include <fmt/core.h>

#include <type_traits>
#include <utility>
#include <variant>

#include "base/error.h"

namespace ledge {

template <typename T>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: implicit by design
  Result(Error error)
      : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit by design

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // Only when ok().
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  // Only when !ok().
  const Error& error() const& { return std::get<1>(state_); }
  Error&& error() && { return std::get<1>(std::move(state_)); }

  T value_or(T other) && { return ok() ? std::move(*this).value() : std::move(other); }

  // f(T) -> U, giving Result<U>.
  template <typename F>
  auto map(F&& f) && -> Result<std::invoke_result_t<F, T&&>> {
    if (!ok()) return std::move(*this).error();
    return std::forward<F>(f)(std::move(*this).value());
  }
  // f(T) -> Result<U>, giving Result<U>.
  template <typename F>
  auto and_then(F&& f) && -> std::invoke_result_t<F, T&&> {
    if (!ok()) return std::move(*this).error();
    return std::forward<F>(f)(std::move(*this).value());
  }
  // The same result, its error's message led by `context`.
  Result WithContext(std::string_view context) && {
    if (ok()) return std::move(*this);
    return std::move(*this).error().WithContext(context);
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;

  Result() = default;
  Result(Error error) : failed_(true), error_(std::move(error)) {}  // NOLINT: implicit by design

  bool ok() const { return !failed_; }
  explicit operator bool() const { return ok(); }
  const Error& error() const& { return error_; }
  Error&& error() && { return std::move(error_); }

  Result WithContext(std::string_view context) && {
    if (ok()) return {};
    return std::move(error_).WithContext(context);
  }

 private:
  bool failed_ = false;
  Error error_;
};

// MakeError's work, compiled once: inlined at every call it would be most of what a parser costs
// to compile.
Error FormatError(Code code, fmt::string_view format, fmt::format_args args);

// MakeError(Code::kMalformed, "{}: dims[{}] is {}; must be at least 1", name, i, value)
template <typename... Args>
Error MakeError(Code code, fmt::format_string<Args...> format, Args&&... args) {
  return FormatError(code, format, fmt::make_format_args(args...));
}

}  // namespace ledge

#define LEDGE_CONCAT_INNER(a, b) a##b
#define LEDGE_CONCAT(a, b) LEDGE_CONCAT_INNER(a, b)

#define LEDGE_TRY_INNER(temp, declaration, ...)   \
  auto temp = (__VA_ARGS__);                      \
  if (!temp.ok()) return std::move(temp).error(); \
  declaration = std::move(temp).value()

// LEDGE_TRY(auto x, Call()); declares x, or returns Call()'s error from the enclosing function.
#define LEDGE_TRY(declaration, ...) \
  LEDGE_TRY_INNER(LEDGE_CONCAT(ledge_try_, __LINE__), declaration, __VA_ARGS__)

// LEDGE_CHECK_OK(Call()); returns Call()'s error from the enclosing function, if it failed.
#define LEDGE_CHECK_OK(...)                                      \
  do {                                                           \
    if (auto ledge_checked = (__VA_ARGS__); !ledge_checked.ok()) \
      return std::move(ledge_checked).error();                   \
  } while (false)
