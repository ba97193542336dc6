#include "cli/terminal_text.h"

#include "base/utf8.h"

namespace ledge {

std::string TerminalText::Pass(std::string_view text) const {
  if (!is_terminal_) return std::string(text);
  std::string safe;
  while (!text.empty()) {
    const char32_t rune = Utf8Next(text);
    const bool control = rune < 0x20 || (rune >= 0x7F && rune < 0xA0);
    // Marks that reorder text on the screen (bidirectional overrides) can hide what was written.
    const bool reorders = (rune >= 0x202A && rune <= 0x202E) || (rune >= 0x2066 && rune <= 0x2069);
    Utf8Append(safe, (control && rune != '\n' && rune != '\t') || reorders ? 0xFFFD : rune);
  }
  return safe;
}

}  // namespace ledge
