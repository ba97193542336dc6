// What --help prints.
#pragma once

#include <string>
#include <string_view>

#include "cli/options.h"

namespace ledge {

class CommandLine;

// Of a command, or (null) of the program.
std::string HelpText(const CommandLine& line, const CommandSpec* command);

// "ledge run [OPTIONS] MODEL [PROMPT]".
std::string UsageLine(const CommandSpec& command);

// "[0.8]" in plain words: the default as people see it, or nothing where it says nothing.
std::string ShownDefault(const OptionSpec& option);

// Lines of at most `width` characters, each but the first `indent` spaces in; no newline at the
// end.
std::string Wrapped(std::string_view text, size_t indent, size_t width = 80);

}  // namespace ledge
