#include "api/text_inputs.h"

#include <fmt/format.h>

#include <algorithm>

namespace ledge {
namespace {

// Token ids within 32 bits; whether the model has them is for the model to say.
bool ReadTokens(FieldReader& fields, const char* name, const Json& array, TextInput& input) {
  input.is_text = false;
  for (const Json& id : array) {
    if (!id.is_number_integer() || id.get<int64_t>() < 0 || id.get<int64_t>() > INT32_MAX) {
      fields.Fail(name, fmt::format("{}[{}] is {}; must be a token id", name, input.tokens.size(),
                                    PrintableLine(Dump(id), 40)));
      return false;
    }
    input.tokens.push_back(static_cast<Token>(id.get<int64_t>()));
  }
  return true;
}

}  // namespace

std::vector<TextInput> ReadTextInputs(FieldReader& fields, const char* name, size_t most) {
  std::vector<TextInput> inputs;
  const Json* value = fields.Find(name);
  if (value == nullptr || !(value->is_string() || value->is_array()) ||
      (value->is_array() && value->empty())) {
    fields.Fail(name,
                fmt::format("{} is missing, or neither a string nor an array; must be a text, "
                            "token ids, or an array of these",
                            name));
    return inputs;
  }
  if (value->is_string()) return {{.text = value->get<std::string>()}};
  if (value->front().is_number()) {
    inputs.emplace_back();
    ReadTokens(fields, name, *value, inputs.back());
    return inputs;
  }
  if (value->size() > most) {
    fields.Fail(name,
                fmt::format("{} has {} entries; must be at most {}", name, value->size(), most));
    return inputs;
  }
  for (const Json& entry : *value) {
    inputs.emplace_back();
    if (entry.is_string()) {
      inputs.back().text = entry.get<std::string>();
    } else if (!entry.is_array() || entry.empty() ||
               !ReadTokens(fields, name, entry, inputs.back())) {
      fields.Fail(name, fmt::format("{}[{}] is a {}; must be a text or token ids", name,
                                    inputs.size() - 1, entry.type_name()));
      return inputs;
    }
  }
  return inputs;
}

}  // namespace ledge
