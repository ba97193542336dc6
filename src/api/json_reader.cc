#include "api/json_reader.h"

#include <fmt/format.h>

#include <cmath>

#include "engine/ordered_json.h"

namespace ledge {
ApiResult<Json> ParseJsonObject(std::string_view text) {
  auto json = ParseOrderedJson(text);
  if (!json.ok())
    return ApiError{.code = "invalid_json", .message = "the body " + json.error().message};
  if (json->is_object()) return *std::move(json);
  return ApiError{
      .code = "invalid_json",
      .message = fmt::format("the body is a JSON {}; must be an object", json->type_name())};
}

const Json* FieldReader::Find(const char* name) const {
  const auto found = object_.find(name);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

void FieldReader::Fail(std::string_view name, std::string message) {
  if (!failed_) failed_ = BadField(prefix_ + std::string(name), std::move(message));
}

double FieldReader::Number(const char* name, double otherwise, double low, double high) {
  const Json* value = Find(name);
  if (value == nullptr) return otherwise;
  const double number = value->is_number() ? value->get<double>() : NAN;
  if (!(number >= low && number <= high)) {
    Fail(name, fmt::format("{} is {}; must be a number from {} to {}", name,
                           value->is_number() ? Dump(*value) : value->type_name(), low, high));
    return otherwise;
  }
  return number;
}

std::optional<int64_t> FieldReader::OptionalWhole(const char* name, int64_t low, int64_t high) {
  const Json* value = Find(name);
  if (value == nullptr) return std::nullopt;
  std::optional<int64_t> number;
  if (value->is_number_unsigned()) {
    const auto wide = value->get<uint64_t>();
    if (wide <= static_cast<uint64_t>(INT64_MAX)) number = static_cast<int64_t>(wide);
  } else if (value->is_number_integer()) {
    number = value->get<int64_t>();
  } else if (value->is_number_float()) {
    const double real = value->get<double>();
    if (std::floor(real) == real && std::abs(real) < 9e15) number = static_cast<int64_t>(real);
  }
  if (!number || *number < low || *number > high) {
    Fail(name, fmt::format("{} is {}; must be a whole number from {} to {}", name,
                           value->is_number() ? Dump(*value) : value->type_name(), low, high));
    return std::nullopt;
  }
  return number;
}

int64_t FieldReader::Whole(const char* name, int64_t otherwise, int64_t low, int64_t high) {
  return OptionalWhole(name, low, high).value_or(otherwise);
}

bool FieldReader::Flag(const char* name, bool otherwise) {
  const Json* value = Find(name);
  if (value == nullptr) return otherwise;
  if (value->is_boolean()) return value->get<bool>();
  Fail(name, fmt::format("{} is a {}; must be true or false", name, value->type_name()));
  return otherwise;
}

std::string FieldReader::Text(const char* name, std::string otherwise) {
  const Json* value = Find(name);
  if (value == nullptr) return otherwise;
  if (value->is_string()) return value->get<std::string>();
  Fail(name, fmt::format("{} is a {}; must be a string", name, value->type_name()));
  return otherwise;
}

std::vector<std::string> FieldReader::Texts(const char* name, size_t most) {
  const Json* value = Find(name);
  std::vector<std::string> texts;
  if (value == nullptr) return texts;
  if (value->is_string()) return {value->get<std::string>()};
  if (!value->is_array() || value->size() > most) {
    Fail(name, fmt::format("{} is a {} of {}; must be a string or an array of at most {} strings",
                           name, value->type_name(), value->size(), most));
    return texts;
  }
  for (const Json& entry : *value) {
    if (!entry.is_string()) {
      Fail(name,
           fmt::format("{}[{}] is a {}; must be a string", name, texts.size(), entry.type_name()));
      return {};
    }
    texts.push_back(entry.get<std::string>());
  }
  return texts;
}

std::string ModelField(FieldReader& fields) {
  std::string model = fields.Text("model");
  if (model.empty() && !fields.failed())
    fields.Fail("model", "no model is named; give 'model', GET /v1/models lists what there is");
  return model;
}

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace ledge
