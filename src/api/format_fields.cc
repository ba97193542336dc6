#include "api/format_fields.h"

#include <fmt/format.h>

namespace ledge {
namespace {

constexpr std::string_view kTypes = "must have a type of text, json_object or json_schema";

void TakeSchema(FieldReader& fields, const std::string& where, const Json& owner, Ask& ask) {
  const auto schema = owner.is_object() ? owner.find("schema") : owner.end();
  if (!owner.is_object() || schema == owner.end() ||
      !(schema->is_object() || schema->is_boolean())) {
    fields.Fail(where, where + " has no schema; must be a JSON Schema");
    return;
  }
  ask.grammar = {GrammarKind::kSchema, Dump(*schema)};
}

std::string TypeOf(const Json& format) {
  const auto type = format.is_object() ? format.find("type") : format.end();
  return format.is_object() && type != format.end() && type->is_string() ? type->get<std::string>()
                                                                         : std::string();
}

void ReadFormat(FieldReader& fields, const std::string& where, const Json& format, bool flat,
                Ask& ask) {
  const std::string type = TypeOf(format);
  if (type == "json_schema") {
    const Json inner = flat ? format : format.value("json_schema", Json());
    TakeSchema(fields, flat ? where + ".schema" : where + ".json_schema.schema", inner, ask);
  } else if (type == "json_object") {
    ask.grammar.kind = GrammarKind::kJsonObject;
  } else if (type != "text") {
    fields.Fail(where + ".type",
                fmt::format("{}.type is '{}'; {}", where, PrintableLine(type, 40), kTypes));
  }
}

}  // namespace

void ReadResponseFormat(FieldReader& fields, Ask& ask) {
  if (const Json* format = fields.Find("response_format"))
    ReadFormat(fields, "response_format", *format, false, ask);
  const Json* grammar = fields.Find("grammar");
  if (grammar == nullptr || *grammar == "") return;
  if (!grammar->is_string() || ask.grammar.kind != GrammarKind::kNone) {
    fields.Fail("grammar",
                "grammar is no text, or stands beside a response_format; must be GBNF, alone");
    return;
  }
  ask.grammar = {GrammarKind::kGbnf, grammar->get<std::string>()};
}

void ReadFlatFormat(FieldReader& fields, const std::string& where, const Json& format, Ask& ask) {
  ReadFormat(fields, where, format, true, ask);
}

void ReadNestedFormat(FieldReader& fields, const char* field, Ask& ask) {
  const Json* owner = fields.Find(field);
  if (owner == nullptr) return;
  if (!owner->is_object()) {
    fields.Fail(field, fmt::format("{} is a {}; must be an object", field, owner->type_name()));
    return;
  }
  const auto format = owner->find("format");
  if (format != owner->end() && !format->is_null())
    ReadFlatFormat(fields, std::string(field) + ".format", *format, ask);
}

void ReadOllamaFormat(FieldReader& fields, Ask& ask) {
  const Json* format = fields.Find("format");
  if (format == nullptr || *format == "") return;
  if (*format == "json") {
    ask.grammar.kind = GrammarKind::kJsonObject;
  } else if (format->is_object()) {
    ask.grammar = {GrammarKind::kSchema, Dump(*format)};
  } else {
    fields.Fail("format", fmt::format("format is {}; must be \"json\" or a JSON Schema",
                                      PrintableLine(Dump(*format), 40)));
  }
}

}  // namespace ledge
