// Values as text, the way Python writes them.
#pragma once

#include <optional>
#include <string>

#include "engine/template/value.h"

namespace ledge::jinja {

// str(value); what {{ value }} prints. Undefined is the empty text.
Result<void> AppendStr(TextBuilder& out, const Value& value);
// repr(value); how str() shows what is inside a list or dict.
Result<void> AppendRepr(TextBuilder& out, const Value& value);
// float.__repr__: the shortest digits that read back the same.
std::string FloatText(double value);

struct JsonOptions {
  bool ensure_ascii = false;
  bool sort_keys = false;
  std::optional<Text> indent;  // one level's
  Text item_separator = Text::Literal(", ");
  Text key_separator = Text::Literal(": ");
};
// json.dumps(value, ...). kMalformed for what JSON can't hold (undefined, functions, namespaces).
Result<void> AppendJson(TextBuilder& out, const Value& value, const JsonOptions& options);

}  // namespace ledge::jinja
