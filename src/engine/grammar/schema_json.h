// The JSON of a schema: read as hostile, and looked into.
#pragma once

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ledge::grammar {

using Json = nlohmann::ordered_json;

inline constexpr size_t kMaxKeys = 2048;  // of one object

// kUsage for what is no JSON, nests too deeply or has too many keys in an object.
Result<Json> ReadSchemaJson(std::string_view text);

// "schema #/properties/a: WHAT; RIGHT"
Error SchemaError(std::string_view where, std::string_view what, std::string_view right);
// `where` and one more step of the pointer.
std::string Below(std::string_view where, std::string_view step);

// Keywords that say nothing about which values are accepted.
bool IsAnnotation(std::string_view keyword);
// The schema without one keyword and without annotations.
Json Without(const Json& schema, std::string_view keyword);
// kUsage for a keyword that can't be enforced, by its name.
Result<void> CheckKeywords(const Json& schema, std::string_view where);

// "object", "array", ...: those of `type`, or those that the other keywords are about; without
// any, all of them. "number" covers "integer".
Result<std::set<std::string>> TypesOf(const Json& schema, std::string_view where);

// The whole document, and what has been made of its parts so far: joining copies them, so how
// often is limited by the document's size.
struct SchemaRoot {
  Json json;
  size_t bytes = 0;  // of its text
  size_t joined = 0;
};

// What the document has at `ref`, such as "#/$defs/node"; null if there is nothing.
const Json* FindRef(const Json& root, std::string_view ref);

// The schema that accepts what both accept, as far as one schema can say it.
Result<Json> Merge(SchemaRoot& root, const Json& a, const Json& b, std::string_view where,
                   int depth);
// With $ref replaced by what it leads to.
Result<Json> Resolved(SchemaRoot& root, const Json& schema, std::string_view where, int depth);

// Whether no text made for `a` is accepted by `b`, as far as can be told.
bool NeverMatches(SchemaRoot& root, const Json& a, const Json& b);

}  // namespace ledge::grammar
