// ledge config: what is set, and where it comes from.
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/command_line.h"
#include "cli/settings/setting_list.h"

namespace ledge {
namespace {

std::vector<std::string> VariableNames() {
  std::vector<std::string> names;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    names.emplace_back(text.substr(0, text.find('=')));
  }
  return names;
}

class ConfigCommand : public Command {
 public:
  void Declare(Options& options) override {
    options.Flag("--json", json_,
                 "{\"files\",\"settings\":[{\"command\",\"key\",\"value\",\"source\"}]}");
    options.About(
        "Prints every setting with what is in force and where that comes from: a flag, a LEDGE_* "
        "variable, a line of ledge.toml, or the default. Flags win over variables, variables over "
        "the user's ledge.toml, that over /etc/ledge/ledge.toml. The output is a ledge.toml "
        "itself.");
    options.Examples(
        "  ledge config                                 what is in force\n"
        "  ledge config > ~/.config/ledge/ledge.toml    a file to begin with\n"
        "  LEDGE_CTX=2048 ledge config --json           for scripts");
  }

  Result<void> Run(Program& program) override {
    program.json = json_;
    const Settings& settings = *program.settings;
    const auto rows = ListSettings(*program.command_line, settings);
    for (const std::string& name : UnknownVariables(*program.command_line, VariableNames()))
      program.Warn(fmt::format("{} sets nothing: no option has this name", name));
    std::optional<Error> problem;
    for (const SettingRow& row : rows) {
      if (row.problem && !problem) problem = row.problem;
    }
    if (json_) {
      if (problem) return *problem;
      program.PrintJson({{"files", Files(settings)}, {"settings", SettingsAsJson(rows)}});
      return {};
    }
    std::string text;
    for (const Settings::Place& place : settings.places())
      text +=
          fmt::format("# {}: {}\n", PrintableLine(place.path), place.read ? "read" : "not there");
    program.Print(text + "\n" + SettingsAsToml(rows));
    if (problem) return *problem;
    return {};
  }

 private:
  static nlohmann::ordered_json Files(const Settings& settings) {
    auto files = nlohmann::ordered_json::array();
    for (const Settings::Place& place : settings.places())
      files.push_back({{"path", place.path}, {"read", place.read}});
    return files;
  }

  bool json_ = false;
};

}  // namespace

extern const CommandEntry kCommand_config;
const CommandEntry kCommand_config = {"config", "what is set, and where it comes from",
                                      MakeCommand<ConfigCommand>};

}  // namespace ledge
