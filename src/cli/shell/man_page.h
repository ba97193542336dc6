// Manual pages, made from the declared command line: what --help says, as roff with the macros of
// man(7), and for ledge(1) what holds for all commands.
#pragma once

#include <string>
#include <string_view>

#include "cli/options.h"

namespace ledge {

class CommandLine;

// Of a command, or (null) of the program.
std::string ManPage(const CommandLine& line, const CommandSpec* command);

// "ledge-run" or "ledge": a page's name, without its section 1.
std::string ManPageName(const CommandSpec* command);

// Text that means itself in roff, even at a line's beginning.
std::string RoffText(std::string_view text);

}  // namespace ledge
