// Messages of a conversation, checked and brought to one form: OpenAI's, as chat templates expect
// it.
#pragma once

#include "api/json_reader.h"

namespace ledge {

inline constexpr size_t kMaxMessages = 4096;

// The array in `field` of an OpenAI or Ollama request: objects with a role of the usual ones,
// content a text or an array of text parts (joined here) or, beside tool calls, nothing. Arguments
// of tool calls become objects where they are texts of JSON, as templates print them. Fails
// `fields` else.
Json ReadMessages(FieldReader& fields, const char* field);

// The text of `content`: a text, or an array of parts of type "text" (or input_text, output_text).
// Fails `fields`, naming `where`, for anything else.
std::string TextOfContent(FieldReader& fields, const std::string& where, const Json& content);

}  // namespace ledge
