// What is known of one option or argument of a command: declared once through cli/options.h and
// read by the parser, by --help, by `ledge config`, by shell completions and by the man pages.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class Option;
}

namespace ledge {

enum class OptionKind {
  kFlag,      // "true" or "false"
  kWhole,     // a whole number
  kNumber,    // a finite number
  kSize,      // "512MiB"
  kDuration,  // "10m"
  kText,
  kTexts,   // any number of texts
  kWholes,  // "1,8"
};

// What a shell offers where the value is typed, beside the option's words.
enum class Completes { kNothing, kFile, kFolder, kModel, kStoredName };

struct OptionSpec {
  std::string short_name;  // "-n", or empty
  std::string long_name;   // "--max-tokens", or empty
  std::string argument;    // "MODEL": a positional argument; the names are empty then
  std::string value_name;  // "N"; empty for flags
  OptionKind kind = OptionKind::kText;
  std::string help;
  std::vector<std::string> words;  // what may be, or is likely to be, given
  Completes completes = Completes::kNothing;
  std::vector<std::string> defaults;  // in force where nothing is given; empty: not set
  bool required = false;              // of arguments
  bool repeatable = false;

  // Parses and stores a value; what is wrong with it, or nothing. Several texts only for kTexts.
  // What it stores into lives as long as the command that declared it.
  std::function<std::string(const std::vector<std::string>&)> set;
  const CLI::Option* parsed = nullptr;  // the parser's side

  bool is_argument() const { return !argument.empty(); }
  // Its name in ledge.toml: the long name. Empty where only the command line can give it:
  // arguments, and --json and --config, which say how this one call is to be read.
  std::string Key() const;
  // "LEDGE_MAX_TOKENS"; empty for arguments, short options and --json.
  std::string Variable() const;
  // "--max-tokens", "-n" or "MODEL".
  const std::string& Name() const;
  // Whether the command line gave it, and the texts it gave.
  bool Given() const;
  std::vector<std::string> GivenTexts() const;
};

}  // namespace ledge
