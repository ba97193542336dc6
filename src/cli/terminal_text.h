// Text that a model wrote, on its way to a terminal: it must not be able to move the cursor, change
// the title or answer queries.
#pragma once

#include <string>
#include <string_view>

namespace ledge {

class TerminalText {
 public:
  // `is_terminal` false: everything passes as it is.
  explicit TerminalText(bool is_terminal) : is_terminal_(is_terminal) {}

  // `text` is whole UTF-8 sequences. Newlines and tabs pass; other control characters become
  // U+FFFD.
  std::string Pass(std::string_view text) const;

 private:
  bool is_terminal_;
};

}  // namespace ledge
