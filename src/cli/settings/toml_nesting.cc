#include "cli/settings/toml_nesting.h"

#include <algorithm>
#include <string>

namespace ledge {
namespace {

// Moves behind a text that begins at `at` with `quote`. Source: TOML 1.0, "String".
size_t BehindText(std::string_view text, size_t at, char quote) {
  const std::string three(3, quote);
  const bool lines = text.substr(at, 3) == three;
  const bool escapes = quote == '"';
  at += lines ? 3 : 1;
  while (at < text.size()) {
    if (escapes && text[at] == '\\') {
      at += 2;
    } else if (lines && text.substr(at, 3) == three) {
      at += 3;
      // Up to two quotes in front of the closing ones belong to the text.
      for (int more = 0; more < 2 && at < text.size() && text[at] == quote; ++more) ++at;
      return at;
    } else if (!lines && (text[at] == quote || text[at] == '\n')) {
      return at + 1;
    } else {
      ++at;
    }
  }
  return text.size();
}

}  // namespace

size_t CountTomlNesting(std::string_view text) {
  size_t count = 0;
  for (size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '"' || c == '\'') {
      at = BehindText(text, at, c);
    } else if (c == '#') {
      at = std::min(text.find('\n', at), text.size());
    } else {
      count += c == '.' || c == '[' || c == '{' ? 1 : 0;
      ++at;
    }
  }
  return count;
}

}  // namespace ledge
