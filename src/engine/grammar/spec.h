// What an answer may be asked to be: JSON, JSON of a schema, or a text of a grammar.
#pragma once

#include <cstdint>
#include <string>

namespace ledge {

enum class GrammarKind : uint8_t {
  kNone,
  kJsonObject,  // any JSON object
  kSchema,      // `text` is a JSON Schema (grammar/schema.h)
  kGbnf,        // `text` is a grammar in GBNF (grammar/gbnf.h)
};

struct GrammarSpec {
  GrammarKind kind = GrammarKind::kNone;
  std::string text;
  bool operator==(const GrammarSpec&) const = default;
};

}  // namespace ledge
