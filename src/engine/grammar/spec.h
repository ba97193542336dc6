// What an answer may be asked to be: JSON, JSON of a schema, or a text of a grammar.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ledge {

// What models put around what they think.
inline constexpr std::string_view kThinkBegin = "<think>";
inline constexpr std::string_view kThinkEnd = "</think>";

// Whether an answer begins with what the model thinks.
enum class Thinking : uint8_t {
  kNone,
  kMayBegin,  // the model decides, and writes kThinkBegin
  kBegun,     // the prompt ends in kThinkBegin
};

enum class GrammarKind : uint8_t {
  kNone,
  kJsonObject,  // any JSON object
  kSchema,      // `text` is a JSON Schema (grammar/schema.h)
  kGbnf,        // `text` is a grammar in GBNF (grammar/gbnf.h)
};

struct GrammarSpec {
  GrammarKind kind = GrammarKind::kNone;
  std::string text;
  Thinking thinking = Thinking::kNone;  // in front of what is held to it
  bool operator==(const GrammarSpec&) const = default;
};

}  // namespace ledge
