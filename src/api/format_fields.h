// The fields by which the APIs ask for an answer of a certain form: they come down to one grammar,
// which the model's process compiles (it refuses what can't be enforced, as 400).
#pragma once

#include "api/ask.h"
#include "api/json_reader.h"

namespace ledge {

// OpenAI's `response_format` ({"type":"text"|"json_object"|"json_schema","json_schema":{...}}) and
// llama.cpp's `grammar`, a text of GBNF. One of them at most.
void ReadResponseFormat(FieldReader& fields, Ask& ask);
// The same object as OpenAI's Responses have it, in `text.format` (the schema stands beside the
// type), and Anthropic's messages in `output_format` or `output_config.format`.
void ReadFlatFormat(FieldReader& fields, const std::string& where, const Json& format, Ask& ask);
// That object as the `format` of this field's object, where they are there.
void ReadNestedFormat(FieldReader& fields, const char* field, Ask& ask);
// Ollama's `format`: "json" or a schema.
void ReadOllamaFormat(FieldReader& fields, Ask& ask);

}  // namespace ledge
