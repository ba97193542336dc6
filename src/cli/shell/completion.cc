#include "cli/shell/completion.h"

#include <fmt/ranges.h>

namespace ledge {

std::string ShellQuoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

std::string FishQuoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "'";
}

std::string JoinedWords(const OptionSpec& option) {
  return fmt::format("{}", fmt::join(option.words, " "));
}

}  // namespace ledge
