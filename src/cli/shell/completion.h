// Shell completions, made from the declared command line: commands, options, the words an option
// takes, files where a FILE is meant, and the store's names where a MODEL is meant, which the
// script asks the program for when they are needed.
#pragma once

#include <string>
#include <string_view>

#include "cli/options.h"

namespace ledge {

class CommandLine;

// Scripts to be sourced, or put where the shell looks for completions of "ledge".
std::string BashCompletion(const CommandLine& line);
std::string ZshCompletion(const CommandLine& line);
std::string FishCompletion(const CommandLine& line);

// 'text' for all three shells, whatever it holds.
std::string ShellQuoted(std::string_view text);
// The same for fish, which knows \' inside of quotes but not '\''.
std::string FishQuoted(std::string_view text);

// The words that an option or argument offers, with spaces between.
std::string JoinedWords(const OptionSpec& option);

}  // namespace ledge
