// All settings of all commands with what is in force, for `ledge config`.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/settings/settings.h"

namespace ledge {

struct SettingRow {
  std::string command;  // empty: of the program
  std::string key;
  OptionKind kind = OptionKind::kText;
  Setting setting;
  std::optional<Error> problem;  // why what is set cannot be used
};

// The program's settings, then each command's, as they were declared.
std::vector<SettingRow> ListSettings(const CommandLine& line, const Settings& settings);

// As a ledge.toml that says the same, each line with a comment that says where it comes from. What
// several commands have in common stands above the first table, once. What isn't set is a comment.
std::string SettingsAsToml(const std::vector<SettingRow>& rows);

// [{"command","key","value","source","name","line"}]
nlohmann::ordered_json SettingsAsJson(const std::vector<SettingRow>& rows);

// Names of LEDGE_* variables in `names` that set nothing.
std::vector<std::string> UnknownVariables(const CommandLine& line,
                                          const std::vector<std::string>& names);

}  // namespace ledge
