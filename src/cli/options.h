// Command-line options as the commands see them: a thin face over the parser, so that commands
// compile fast and every option behaves alike: a value comes from the flag, else from the
// environment (LEDGE_ and the long name in capitals, '-' as '_'), else from ledge.toml, else it is
// the default. Of a flag given twice the last one counts.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/option_spec.h"

namespace CLI {
class App;
}

namespace ledge {

// A command, or the program itself (no name), as it was declared.
struct CommandSpec {
  std::string name;
  std::string summary;
  std::string about;  // sentences for --help and the man page; may be empty
  std::vector<OptionSpec> options;
  std::string examples;  // lines of "  command   what it does"
};

// The options of one command (or of the program). `names` is "-n,--max-tokens" for flags and
// options, "MODEL" for positional arguments. Variables keep their value (the default) where nothing
// is given; they must outlive the parsing.
class Options {
 public:
  Options(CLI::App& app, CommandSpec& spec) : app_(app), spec_(spec) {}

  void Flag(const std::string& names, bool& value, const std::string& help);
  void Text(const std::string& names, std::string& value, const std::string& help);
  void Text(const std::string& names, std::optional<std::string>& value, const std::string& help);
  void Texts(const std::string& names, std::vector<std::string>& values, const std::string& help);
  // Paths. In ledge.toml a path may begin with ~/, and a relative one counts from the file's
  // folder.
  void File(const std::string& names, std::string& value, const std::string& help);
  void Folder(const std::string& names, std::string& value, const std::string& help);
  // One of the words, or a file.
  void WordOrFile(const std::string& names, std::optional<std::string>& value,
                  const std::vector<std::string>& words, const std::string& help);
  // Whole numbers within [low, high].
  void Whole(const std::string& names, int64_t& value, int64_t low, int64_t high,
             const std::string& help);
  void Whole(const std::string& names, std::optional<int64_t>& value, int64_t low, int64_t high,
             const std::string& help);
  // Lists of whole numbers: "1,8".
  void Wholes(const std::string& names, std::vector<int64_t>& values, int64_t low, int64_t high,
              const std::string& help);
  // Finite numbers within [low, high].
  void Number(const std::string& names, double& value, double low, double high,
              const std::string& help);
  // "512MiB", "4G"; a bare number is bytes.
  void Size(const std::string& names, uint64_t& bytes, const std::string& help);
  // "250ms", "10m"; a bare number is seconds.
  void Duration(const std::string& names, std::chrono::nanoseconds& value, const std::string& help);
  // One of the given words.
  void Choice(const std::string& names, std::string& value, const std::vector<std::string>& words,
              const std::string& help);

  // A positional argument that must be given. Shells offer `words`, and what the name stands for:
  // MODEL, NAME (of a stored model), PATH.
  void Argument(const std::string& name, std::string& value, const std::string& help,
                const std::vector<std::string>& words = {});
  // One or more of them.
  void Arguments(const std::string& name, std::vector<std::string>& values,
                 const std::string& help);
  void OptionalArgument(const std::string& name, std::optional<std::string>& value,
                        const std::string& help, const std::vector<std::string>& words = {});

  // Sentences that tell more than the summary.
  void About(const std::string& text) { spec_.about = text; }
  // Shown at the end of --help: lines of "command   what it does".
  void Examples(const std::string& text) { spec_.examples = text; }

 private:
  void Add(const std::string& names, OptionSpec spec);

  CLI::App& app_;
  CommandSpec& spec_;
};

}  // namespace ledge
