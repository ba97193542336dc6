// Numbers within bounds, as parts of a grammar.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "engine/grammar/json_text.h"

namespace ledge::grammar {

// The largest whole number that is written.
inline constexpr int64_t kMaxWhole = 999'999'999'999'999;

// Whole numbers from `low` to `high`, both within +-kMaxWhole; none where low is above high.
NodeId WholeRange(Syntax& syntax, JsonText& json, int64_t low, int64_t high);

// A decimal number without exponent.
struct Decimal {
  bool negative = false;
  uint64_t whole = 0;
  std::string fraction;  // digits, the last of them not 0
};
// Nothing where it can't be written with kMaxFractionDigits and within +-kMaxWhole.
std::optional<Decimal> DecimalOf(double value);

struct Bound {
  Decimal value;
  bool exclusive = false;
};
// Numbers within the bounds, without exponent.
NodeId NumberRange(Syntax& syntax, JsonText& json, const std::optional<Bound>& low,
                   const std::optional<Bound>& high);

}  // namespace ledge::grammar
