// Looks over CBOR before it is parsed: nesting and number of items. (The library's reader recurses
// with the nesting.) Source: RFC 8949, section 3.
#pragma once

#include <string_view>

#include "base/result.h"

namespace ledge {

inline constexpr size_t kMaxCborDepth = 8;
inline constexpr size_t kMaxCborItems = 4'000'000;

// kMalformed for nesting over kMaxCborDepth, more than kMaxCborItems items, indefinite lengths,
// tags, or an end within an item.
Result<void> CheckCborShape(std::string_view bytes);

}  // namespace ledge
