// `format` of a JSON Schema as patterns.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ledge::grammar {

// Of texts that are of the format, if not of all of them; nothing for a format that isn't known.
// Sources: RFC 3339 (date, time, date-time; years 0001 to 9999, no leap seconds, an offset always
// there), RFC 9562 (uuid), RFC 3339 appendix A (duration), RFC 5321's common part (email), RFC 1123
// (hostname), RFC 2673 (ipv4), RFC 4291 without abbreviations (ipv6), RFC 3986's common part (uri).
std::optional<std::string> PatternOfFormat(std::string_view format);
// "date, time, ...", for messages.
std::string FormatNames();

}  // namespace ledge::grammar
