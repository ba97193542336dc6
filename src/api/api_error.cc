#include "api/api_error.h"

#include <nlohmann/json.hpp>

namespace ledge {

using Json = nlohmann::ordered_json;

ApiError FromError(const Error& error) {
  ApiError api{.status = HttpStatus(error.code),
               .code = std::string(CodeName(error.code)),
               .message = PrintableLine(error.message)};
  if (error.code == Code::kUsage) api.code = "invalid_value";
  if (error.code == Code::kNoMemory) api.retry_after = 1;
  // What is wrong inside is 503 to a client: it can do nothing but come again.
  if (api.status >= 500 && api.status != 503 && api.status != 507) {
    api.status = 503;
    api.retry_after = 1;
  }
  return api;
}

ApiError BadField(std::string_view param, std::string message) {
  return {.status = 400,
          .code = "invalid_value",
          .message = PrintableLine(message),
          .param = std::string(param)};
}

ApiError ModelNotFound(std::string_view model) {
  return {.status = 404,
          .code = "model_not_found",
          .message = PrintableLine("no model '" + std::string(model) +
                                   "'; GET /v1/models lists what there is"),
          .param = "model"};
}

ApiStyle StyleOfPath(std::string_view path) {
  if (path.starts_with("/api/")) return ApiStyle::kOllama;
  if (path.starts_with("/v1/messages")) return ApiStyle::kAnthropic;
  return ApiStyle::kOpenAi;
}

std::string_view ErrorType(int status) {
  switch (status) {
    case 401:
      return "authentication_error";
    case 403:
      return "permission_error";
    case 404:
      return "not_found_error";
    case 413:
      return "request_too_large";
    case 429:
      return "rate_limit_error";
    case 503:
    case 507:
      return "overloaded_error";
    default:
      return status >= 500 ? "api_error" : "invalid_request_error";
  }
}

std::string ErrorBody(ApiStyle style, const ApiError& error) {
  Json body;
  switch (style) {
    case ApiStyle::kOllama:
      body = {{"error", error.message}};
      break;
    case ApiStyle::kAnthropic:
      body = {{"type", "error"},
              {"error", {{"type", ErrorType(error.status)}, {"message", error.message}}}};
      break;
    case ApiStyle::kOpenAi: {
      // OpenAI's own clients expect invalid_request_error for what isn't there.
      const std::string_view type = error.status == 404 || error.status == 413
                                        ? "invalid_request_error"
                                        : ErrorType(error.status);
      Json inner = {
          {"message", error.message}, {"type", type}, {"param", nullptr}, {"code", nullptr}};
      if (!error.param.empty()) inner["param"] = error.param;
      if (!error.code.empty()) inner["code"] = error.code;
      body = {{"error", std::move(inner)}};
      break;
    }
  }
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace ledge
