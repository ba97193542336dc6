// Command-line options as the commands see them: a thin face over the parser, so that commands
// compile fast and every option behaves alike: a value comes from the flag, else from the
// environment (LEDGE_ and the long name in capitals, '-' as '_'), else the default.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace CLI {
class App;
}

namespace ledge {

// The options of one command (or of the program). `names` is "-n,--max-tokens" for flags and
// options, "MODEL" for positional arguments. Variables keep their value (the default) where nothing
// is given; they must outlive the parsing.
class Options {
 public:
  explicit Options(CLI::App& app) : app_(app) {}

  void Flag(const std::string& names, bool& value, const std::string& help);
  void Text(const std::string& names, std::string& value, const std::string& help);
  void Text(const std::string& names, std::optional<std::string>& value, const std::string& help);
  void Texts(const std::string& names, std::vector<std::string>& values, const std::string& help);
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
  // One of the given words.
  void Choice(const std::string& names, std::string& value, const std::vector<std::string>& words,
              const std::string& help);

  // A positional argument that must be given.
  void Argument(const std::string& name, std::string& value, const std::string& help);
  // One or more of them.
  void Arguments(const std::string& name, std::vector<std::string>& values,
                 const std::string& help);
  void OptionalArgument(const std::string& name, std::optional<std::string>& value,
                        const std::string& help);

  // Shown at the end of --help: lines of "command   what it does".
  void Examples(const std::string& text);

 private:
  CLI::App& app_;
};

}  // namespace ledge
