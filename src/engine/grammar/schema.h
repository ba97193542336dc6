// JSON Schema -> a grammar's tree, for texts of JSON that the schema accepts.
//
// What is understood is the subset that OpenAI's strict mode names, and some more: type, enum,
// const, properties, required, additionalProperties, items, prefixItems, minItems, maxItems,
// minLength, maxLength, pattern (pattern.h), format (formats.h), minimum, maximum and their
// exclusive kin, anyOf, oneOf where its branches exclude each other, allOf where its branches can
// be joined, $ref within the document, also to itself. Every other keyword that could forbid a
// value is refused by name, since it could not be kept.
//
// Texts are a part of what the schema accepts: an object's properties come in the schema's order,
// and others beside them only where additionalProperties says so; numbers have at most
// kMaxWholeDigits and kMaxFractionDigits; whitespace is little (json_text.h). Source: JSON Schema
// 2020-12; OpenAI's "Structured outputs", supported schemas.
#pragma once

#include <string_view>

#include "base/result.h"
#include "engine/grammar/syntax.h"

namespace ledge::grammar {

// Any thread. kUsage, with a JSON pointer to the place, for what is no JSON or no such schema.
Result<Syntax> ParseSchema(std::string_view text);

// Any JSON object.
Syntax AnyJsonObject();

}  // namespace ledge::grammar
