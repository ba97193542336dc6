// A request's JSON, read as hostile: bounded in depth and in the number of values, every field's
// type and range checked, and refused by the field's name.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "api/api_error.h"
#include "api/json.h"

namespace ledge {

// 400 for what is no JSON, no object, too deep, or too many values (engine/ordered_json.h). Of a
// key given twice the last counts.
ApiResult<Json> ParseJsonObject(std::string_view text);

// Reads fields of one object; the first problem stays and makes every later read give its default.
//
//   FieldReader fields(json);
//   ask.sampling.temperature = fields.Number("temperature", 1.0, 0, 100);
//   if (fields.failed()) return fields.error();
//
// A field that is null counts as absent.
class FieldReader {
 public:
  explicit FieldReader(const Json& object, std::string prefix = "")
      : object_(object), prefix_(std::move(prefix)) {}

  const Json* Find(const char* name) const;
  double Number(const char* name, double otherwise, double low, double high);
  int64_t Whole(const char* name, int64_t otherwise, int64_t low, int64_t high);
  std::optional<int64_t> OptionalWhole(const char* name, int64_t low, int64_t high);
  bool Flag(const char* name, bool otherwise);
  std::string Text(const char* name, std::string otherwise = {});
  // The text or array of texts, as "stop" has them.
  std::vector<std::string> Texts(const char* name, size_t most);

  void Fail(std::string_view name, std::string message);
  bool failed() const { return failed_.has_value(); }
  const ApiError& error() const { return *failed_; }

 private:
  const Json& object_;
  std::string prefix_;
  std::optional<ApiError> failed_;
};

// The `model` field: 400 with param "model" where it is missing or no text.
std::string ModelField(FieldReader& fields);

// JSON on one line; what is no UTF-8 becomes U+FFFD.
std::string Dump(const Json& json);

}  // namespace ledge
