// What is set outside of the command line: by LEDGE_* variables and by ledge.toml. A flag wins over
// a variable, a variable over a file, the user's file over the machine's, and within a file a
// command's [table] over the keys above the first table.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/options.h"
#include "cli/settings/config_file.h"
#include "os/os.h"

namespace ledge {

class CommandLine;

// Where a value comes from.
struct SettingSource {
  enum class Kind { kFlag, kVariable, kFile, kDefault };
  Kind kind = Kind::kDefault;
  std::string name;   // of the variable, or the file's path
  uint32_t line = 0;  // of the file
  // "flag", "LEDGE_CTX", "/home/x/.config/ledge/ledge.toml:3", "default".
  std::string ToString() const;
};

// A value in force.
struct Setting {
  std::vector<std::string> texts;  // empty: not set
  SettingSource source;
};

// The value of an environment variable; empty where it is not set.
using Environment = std::function<std::string(const std::string& name)>;
std::string ProcessEnvironment(const std::string& name);

class Settings {
 public:
  // The files that are read where --config names none: the user's, then the machine's.
  static std::vector<std::string> DefaultPaths(const Environment& environment);

  // Reads `config` alone if it isn't empty (it must be there), else those of `paths` that are
  // there. kMalformed, kNotFound. A default file that cannot be read becomes a warning.
  static Result<Settings> Load(Os& os, const std::string& config,
                               const std::vector<std::string>& paths, Environment environment);

  struct Place {
    std::string path;
    bool read = false;  // else it isn't there
  };
  const std::vector<Place>& places() const { return places_; }

  // What variables and files say of an option of a command ("": of the program); the default where
  // they say nothing. kUsage where a file's value is of the wrong type, or the option refuses the
  // value. Stores the value through option.set.
  Result<Setting> Apply(const std::string& command, const OptionSpec& option) const;

  // One line for each key that no command knows, and for files that could not be read.
  std::vector<std::string> Warnings(const CommandLine& line) const;

 private:
  // The value of a file, if the option takes one of its type.
  Result<Setting> FromFile(const ConfigFile& file, const ConfigValue& value,
                           const OptionSpec& option) const;
  Result<std::optional<Setting>> Find(const std::string& command, const OptionSpec& option) const;

  std::vector<ConfigFile> files_;  // the one that wins first
  std::vector<Place> places_;
  std::vector<std::string> unreadable_;
  Environment environment_;
};

}  // namespace ledge
