// JSON whose objects keep their order, read as hostile: what a client or a model has written.
//
// nlohmann's own parser looks for each key of an ordered object among all before it, which takes
// minutes for a body of a few MiB; and what writes or copies a value goes through recursion, which
// a deep one would overflow. Here the time is linear, and depth and number are bounded while it is
// read. Of a key given twice the last value counts, in the first one's place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/result.h"

namespace ledge {

struct JsonLimits {
  size_t depth = 64;        // of objects and arrays in one another
  size_t values = 500'000;  // in all, objects and arrays included
  size_t keys = SIZE_MAX;   // of one object
};

// kMalformed: "is no JSON: WHY; must be JSON in UTF-8", "nests deeper than ...", "holds more than
// ...", "has more than ...": the caller says what.
Result<nlohmann::ordered_json> ParseOrderedJson(std::string_view text, JsonLimits limits = {});

}  // namespace ledge
