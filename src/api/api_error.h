// Errors as clients see them: each API in its own shape.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ledge {

enum class ApiStyle { kOpenAi, kOllama, kAnthropic };

struct ApiError {
  int status = 400;
  std::string code;     // "model_not_found", ...; may be empty
  std::string message;  // one line
  std::string param;    // the field that is wrong; may be empty
  int retry_after = 0;  // seconds; 0: don't say
};

ApiError FromError(const Error& error);
// 400, naming the field.
ApiError BadField(std::string_view param, std::string message);
ApiError ModelNotFound(std::string_view model);

// The style of the API that a path belongs to.
ApiStyle StyleOfPath(std::string_view path);
std::string ErrorBody(ApiStyle style, const ApiError& error);
// "invalid_request_error", "authentication_error", ...: OpenAI's and Anthropic's `type`.
std::string_view ErrorType(int status);

// A value or an ApiError.
template <typename T>
class ApiResult {
 public:
  ApiResult(T value) : value_(std::move(value)) {}         // NOLINT: implicit by design
  ApiResult(ApiError error) : error_(std::move(error)) {}  // NOLINT: implicit by design
  bool ok() const { return value_.has_value(); }
  T& operator*() { return *value_; }
  T* operator->() { return &*value_; }
  ApiError& error() { return error_; }

 private:
  std::optional<T> value_;
  ApiError error_;
};

}  // namespace ledge
