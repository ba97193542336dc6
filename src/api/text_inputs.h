// "prompt" and "input" fields: a text, token ids, or an array of either.
#pragma once

#include "api/ask.h"
#include "api/json_reader.h"

namespace ledge {

struct TextInput {
  bool is_text = true;
  std::string text;
  std::vector<Token> tokens;
};

// At least one, at most `most`; fails `fields` for anything else.
std::vector<TextInput> ReadTextInputs(FieldReader& fields, const char* name, size_t most);

}  // namespace ledge
