#include "cli/settings/setting_list.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "cli/command_line.h"

namespace ledge {
namespace {

constexpr size_t kCommentColumn = 40;

// Variables that are no option's: what they do stands in the documentation.
constexpr std::array<std::string_view, 1> kOtherVariables = {"LEDGE_ISA"};

// A basic string of TOML, printable on any terminal.
std::string Quoted(std::string_view text) {
  const std::string clean = Utf8Sanitized(text);
  std::string_view rest = clean;
  std::string out = "\"";
  while (!rest.empty()) {
    const char32_t rune = Utf8Next(rest);
    if (rune == '"' || rune == '\\') {
      out += '\\';
      out += static_cast<char>(rune);
    } else if (rune == '\n') {
      out += "\\n";
    } else if (rune < 0x20 || (rune >= 0x7F && rune < 0xA0)) {
      out += fmt::format("\\u{:04X}", static_cast<uint32_t>(rune));
    } else {
      Utf8Append(out, rune);
    }
  }
  return out + "\"";
}

bool IsWholeText(const std::string& text) {
  int64_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  return status == std::errc() && end == text.data() + text.size();
}

std::string TomlValue(const SettingRow& row) {
  const std::vector<std::string>& texts = row.setting.texts;
  switch (row.kind) {
    case OptionKind::kFlag: {
      const bool yes =
          texts[0] == "true" || texts[0] == "1" || texts[0] == "yes" || texts[0] == "on";
      return yes ? "true" : "false";
    }
    case OptionKind::kWhole:
    case OptionKind::kNumber:
      return texts[0];
    case OptionKind::kWholes: {
      std::string list = texts[0];
      for (size_t at = 0; (at = list.find(',', at)) != list.npos; at += 2)
        list.replace(at, 1, ", ");
      return "[" + list + "]";
    }
    case OptionKind::kTexts: {
      std::string list;
      for (const std::string& text : texts) list += (list.empty() ? "" : ", ") + Quoted(text);
      return "[" + list + "]";
    }
    case OptionKind::kSize:
      if (IsWholeText(texts[0])) return texts[0];
      break;
    case OptionKind::kDuration:
    case OptionKind::kText:
      break;
  }
  return Quoted(texts[0]);
}

std::string TomlLine(const SettingRow& row) {
  std::string line;
  if (row.problem) {
    line = "# " + row.key + " =";
  } else if (row.setting.texts.empty()) {
    line = "# " + row.key + " =";
  } else {
    line = row.key + " = " + TomlValue(row);
  }
  if (line.size() < kCommentColumn) line.resize(kCommentColumn, ' ');
  return line + "  # " +
         PrintableLine(row.problem                 ? row.problem->message
                       : row.setting.texts.empty() ? "not set"
                                                   : row.setting.source.ToString()) +
         "\n";
}

bool SameAs(const SettingRow& a, const SettingRow& b) {
  return a.kind == b.kind && a.setting.texts == b.setting.texts && !a.problem && !b.problem &&
         a.setting.source.ToString() == b.setting.source.ToString();
}

// Whether several commands have this setting, and it is the same for all.
bool IsCommon(const std::vector<SettingRow>& rows, const SettingRow& row) {
  size_t count = 0;
  for (const SettingRow& other : rows) {
    if (other.key != row.key) continue;
    if (!SameAs(other, row)) return false;
    ++count;
  }
  return count > 1;
}

nlohmann::ordered_json JsonValue(const SettingRow& row) {
  const std::vector<std::string>& texts = row.setting.texts;
  if (texts.empty()) return nullptr;
  if (row.kind == OptionKind::kTexts) return texts;
  const std::string text = TomlValue(row);
  // What TOML writes for numbers, booleans and lists of numbers is JSON, too.
  auto value = nlohmann::ordered_json::parse(text, nullptr, false);
  return row.kind == OptionKind::kText || value.is_discarded() ? nlohmann::ordered_json(texts[0])
                                                               : value;
}

std::string_view KindName(SettingSource::Kind kind) {
  constexpr std::string_view kNames[] = {"flag", "variable", "file", "default"};
  return kNames[static_cast<size_t>(kind)];
}

}  // namespace

std::vector<SettingRow> ListSettings(const CommandLine& line, const Settings& settings) {
  std::vector<SettingRow> rows;
  const auto add = [&](const CommandSpec& command) {
    for (const OptionSpec& option : command.options) {
      if (option.Key().empty()) continue;
      SettingRow row{.command = command.name, .key = option.Key(), .kind = option.kind};
      auto setting = settings.Apply(command.name, option);
      if (setting.ok()) {
        row.setting = std::move(*setting);
      } else {
        row.problem = setting.error();
      }
      rows.push_back(std::move(row));
    }
  };
  add(line.program());
  for (const CommandSpec& command : line.commands()) add(command);
  return rows;
}

std::string SettingsAsToml(const std::vector<SettingRow>& rows) {
  std::string top;
  std::string tables;
  std::vector<std::string> common;
  std::string table;
  for (const SettingRow& row : rows) {
    if (row.command.empty()) {
      top += TomlLine(row);
    } else if (IsCommon(rows, row)) {
      if (std::ranges::find(common, row.key) != common.end()) continue;
      common.push_back(row.key);
      top += TomlLine(row);
    } else {
      if (row.command != table) tables += "\n[" + row.command + "]\n";
      table = row.command;
      tables += TomlLine(row);
    }
  }
  return top + tables;
}

nlohmann::ordered_json SettingsAsJson(const std::vector<SettingRow>& rows) {
  auto list = nlohmann::ordered_json::array();
  for (const SettingRow& row : rows) {
    const SettingSource& source = row.setting.source;
    nlohmann::ordered_json entry = {{"command", nullptr},
                                    {"key", row.key},
                                    {"value", JsonValue(row)},
                                    {"source", KindName(source.kind)}};
    if (!row.command.empty()) entry["command"] = row.command;
    if (!source.name.empty()) entry["name"] = source.name;
    if (source.kind == SettingSource::Kind::kFile) entry["line"] = source.line;
    list.push_back(std::move(entry));
  }
  return list;
}

std::vector<std::string> UnknownVariables(const CommandLine& line,
                                          const std::vector<std::string>& names) {
  std::vector<std::string> known(kOtherVariables.begin(), kOtherVariables.end());
  const auto add = [&](const CommandSpec& command) {
    for (const OptionSpec& option : command.options) known.push_back(option.Variable());
  };
  add(line.program());
  for (const CommandSpec& command : line.commands()) add(command);
  std::vector<std::string> unknown;
  for (const std::string& name : names) {
    const bool ours = name.starts_with("LEDGE_");
    if (ours && std::ranges::find(known, name) == known.end()) unknown.push_back(name);
  }
  return unknown;
}

}  // namespace ledge
