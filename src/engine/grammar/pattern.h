// `pattern` of a JSON Schema -> a part of a grammar: strings of JSON whose contents match.
//
// A subset of ECMA-262's regular expressions, and of that what can be enforced from left to right:
// characters, '.', classes, \d \w \s and their opposites, groups, |, ? * + {n,m} (lazy ones match
// the same texts), and ^ and $ at the edges of the whole or of its alternatives. Without them
// anything may stand around, as in JSON Schema. Backreferences, looking around, \b and \p are
// refused by name.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "engine/grammar/json_text.h"

namespace ledge::grammar {

struct Pattern {
  NodeId node = 0;     // what stands between the quotes
  uint64_t least = 0;  // characters of its texts
  uint64_t most = 0;   // or kNoMost
};
inline constexpr uint64_t kNoMost = UINT64_MAX;

// kUsage naming what can't be read and where, in words that follow "pattern '...'".
Result<Pattern> ParsePattern(Syntax& syntax, JsonText& json, std::string_view text);

}  // namespace ledge::grammar
