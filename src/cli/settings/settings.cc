#include "cli/settings/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "cli/command_line.h"
#include "cli/nearest.h"

namespace ledge {
namespace {

// More unknown keys are only counted: the file is another program's, or from another time.
constexpr size_t kMaxUnknownShown = 3;

struct WantedForm {
  OptionKind kind;
  const char* description;
  std::vector<ConfigType> types;
};

// What a file may write for an option of each kind.
const WantedForm& WantedOf(OptionKind kind) {
  using enum ConfigType;
  static const std::array<WantedForm, 8> kWanted = {{
      {OptionKind::kFlag, "true or false", {kTrueOrFalse}},
      {OptionKind::kWhole, "a whole number without quotes", {kWhole}},
      {OptionKind::kNumber, "a number without quotes", {kNumber, kWhole}},
      {OptionKind::kSize, "a size in quotes, such as \"512MiB\"", {kText, kWhole}},
      {OptionKind::kDuration, "a duration in quotes, such as \"10m\"", {kText, kWhole}},
      {OptionKind::kText, "a text in quotes", {kText}},
      {OptionKind::kTexts, "a text in quotes, or a list of them: [\"a\", \"b\"]", {kText}},
      {OptionKind::kWholes, "a whole number, or a list of them: [1, 8]", {kWhole}},
  }};
  return *std::ranges::find(kWanted, kind, &WantedForm::kind);
}

bool IsList(OptionKind kind) { return kind == OptionKind::kTexts || kind == OptionKind::kWholes; }

bool Fits(const ConfigValue& value, const WantedForm& wanted) {
  const auto fits = [&](ConfigType type) {
    return std::ranges::find(wanted.types, type) != wanted.types.end();
  };
  if (value.type == ConfigType::kList)
    return IsList(wanted.kind) && std::ranges::all_of(value.types, fits);
  return fits(value.type);
}

std::string PlaceOf(const ConfigFile& file, const ConfigValue& value) {
  return fmt::format("{}:{}", file.path, value.line);
}

bool IsPath(const OptionSpec& option, const std::string& text) {
  if (option.completes != Completes::kFile && option.completes != Completes::kFolder) return false;
  // A word of the option's own looks like a path only with one of these in front.
  return option.words.empty() || text.starts_with("~/") || text.starts_with("./") ||
         text.starts_with("../");
}

// ~ and relative paths, which no shell has seen: from the user's home, and from the file's folder.
std::string FilePath(const std::string& path, const std::string& config, const std::string& home) {
  if (path.starts_with("~/") && !home.empty()) return home + path.substr(1);
  const size_t slash = config.rfind('/');
  if (path.empty() || path.starts_with('/') || slash == config.npos) return path;
  return config.substr(0, slash + 1) + path;
}

Error BadValue(const SettingSource& source, const OptionSpec& option, const std::string& problem) {
  const bool variable = source.kind == SettingSource::Kind::kVariable;
  return MakeError(Code::kUsage, "{}: {}{}; 'ledge config' shows what is in force",
                   source.ToString(), variable ? "" : option.Key() + ": ", problem);
}

Result<std::string> ReadConfig(Os& os, const std::string& path) {
  LEDGE_TRY(const auto file, os.Open(path, true));
  std::string text;
  std::array<std::byte, 4096> buffer;
  while (text.size() <= kMaxConfigBytes) {
    LEDGE_TRY(const size_t got, file->Read(buffer));
    if (got == 0) return text;
    text.append(reinterpret_cast<const char*>(buffer.data()), got);
  }
  return text;  // too long, as parsing it will say
}

std::vector<std::string> KeysOf(const CommandSpec& command) {
  std::vector<std::string> keys;
  for (const OptionSpec& option : command.options) {
    if (!option.Key().empty()) keys.push_back(option.Key());
  }
  return keys;
}

bool Has(const std::vector<std::string>& words, const std::string& word) {
  return std::ranges::find(words, word) != words.end();
}

// What is unknown about a value, and what was perhaps meant; nothing for a known one.
std::string Unknown(const CommandLine& line, const ConfigValue& value) {
  const std::vector<std::string> own = KeysOf(line.program());
  if (value.table.empty()) {
    std::vector<std::string> known = own;
    for (const CommandSpec& command : line.commands()) {
      if (command.name == value.key && value.type == ConfigType::kTable) return {};
      for (const std::string& key : KeysOf(command)) known.push_back(key);
    }
    if (Has(known, value.key)) return {};
    return fmt::format("unknown key '{}'{}", PrintableLine(value.key, 80),
                       DidYouMean(value.key, known));
  }
  const CommandSpec* command = line.FindCommand(value.table);
  if (command == nullptr) {
    std::vector<std::string> names;
    for (const CommandSpec& each : line.commands()) names.push_back(each.name);
    return fmt::format("unknown table [{}]{}", PrintableLine(value.table, 80),
                       DidYouMean(value.table, names));
  }
  const std::vector<std::string> known = KeysOf(*command);
  if (Has(known, value.key)) return {};
  if (Has(own, value.key)) return fmt::format("'{}' belongs above the first [table]", value.key);
  return fmt::format("unknown key '{}' in [{}]{}", PrintableLine(value.key, 80), value.table,
                     DidYouMean(value.key, known));
}

}  // namespace

Result<Setting> Settings::FromFile(const ConfigFile& file, const ConfigValue& value,
                                   const OptionSpec& option) const {
  const WantedForm& wanted = WantedOf(option.kind);
  if (!Fits(value, wanted)) {
    const bool mixed = value.type == ConfigType::kList && IsList(option.kind);
    return MakeError(Code::kUsage, "{}: {} is {}; write {}", PlaceOf(file, value), value.key,
                     mixed ? "a list of other things" : ConfigTypeName(value.type),
                     wanted.description);
  }
  Setting setting{.texts = value.texts,
                  .source = {SettingSource::Kind::kFile, file.path, value.line}};
  for (std::string& text : setting.texts) {
    if (text.find('\0') != text.npos) {
      return MakeError(Code::kUsage, "{}: {} holds a NUL character; leave it out",
                       PlaceOf(file, value), value.key);
    }
    if (IsPath(option, text)) text = FilePath(text, file.path, environment_("HOME"));
  }
  return setting;
}

std::string SettingSource::ToString() const {
  switch (kind) {
    case Kind::kFlag:
      return "flag";
    case Kind::kVariable:
      return name;
    case Kind::kFile:
      return fmt::format("{}:{}", name, line);
    case Kind::kDefault:
      break;
  }
  return "default";
}

std::string ProcessEnvironment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::string() : std::string(value);
}

std::vector<std::string> Settings::DefaultPaths(const Environment& environment) {
  std::vector<std::string> paths;
  if (const std::string xdg = environment("XDG_CONFIG_HOME"); xdg.starts_with('/')) {
    paths.push_back(xdg + "/ledge/ledge.toml");
  } else if (const std::string home = environment("HOME"); !home.empty()) {
    paths.push_back(home + "/.config/ledge/ledge.toml");
  }
  paths.emplace_back("/etc/ledge/ledge.toml");
  return paths;
}

Result<Settings> Settings::Load(Os& os, const std::string& config,
                                const std::vector<std::string>& paths, Environment environment) {
  Settings settings;
  settings.environment_ = std::move(environment);
  const bool named = !config.empty();
  for (const std::string& path : named ? std::vector<std::string>{config} : paths) {
    auto text = ReadConfig(os, path);
    settings.places_.push_back({path, text.ok()});
    if (!text.ok() && named) return std::move(text).error();
    if (!text.ok() && text.error().code != Code::kNotFound)
      settings.unreadable_.push_back(text.error().message + "; going on without it");
    if (!text.ok()) continue;
    LEDGE_TRY(ConfigFile file, ParseConfigFile(*text, path));
    settings.files_.push_back(std::move(file));
  }
  return settings;
}

Result<std::optional<Setting>> Settings::Find(const std::string& command,
                                              const OptionSpec& option) const {
  if (const std::string variable = option.Variable(); !variable.empty()) {
    if (const std::string text = environment_(variable); !text.empty()) {
      return std::optional<Setting>(
          {.texts = {text}, .source = {SettingSource::Kind::kVariable, variable}});
    }
  }
  const std::string key = option.Key();
  if (key.empty()) return std::optional<Setting>();
  for (const ConfigFile& file : files_) {
    const ConfigValue* found = nullptr;
    for (const ConfigValue& value : file.values) {
      if (value.key != key) continue;
      if (value.table == command) found = &value;
      if (value.table.empty() && found == nullptr) found = &value;
    }
    if (found == nullptr) continue;
    LEDGE_TRY(Setting setting, FromFile(file, *found, option));
    return std::optional<Setting>(std::move(setting));
  }
  return std::optional<Setting>();
}

Result<Setting> Settings::Apply(const std::string& command, const OptionSpec& option) const {
  if (option.Given())
    return Setting{.texts = option.GivenTexts(), .source = {SettingSource::Kind::kFlag}};
  LEDGE_TRY(auto found, Find(command, option));
  if (!found) return Setting{.texts = option.defaults};
  std::vector<std::string> texts = found->texts;
  if (option.kind == OptionKind::kWholes) texts = {fmt::format("{}", fmt::join(texts, ","))};
  if (const std::string problem = option.set(texts); !problem.empty())
    return BadValue(found->source, option, problem);
  found->texts = std::move(texts);
  return std::move(*found);
}

std::vector<std::string> Settings::Warnings(const CommandLine& line) const {
  std::vector<std::string> warnings = unreadable_;
  for (const ConfigFile& file : files_) {
    size_t unknown = 0;
    for (const ConfigValue& value : file.values) {
      const std::string problem = Unknown(line, value);
      if (problem.empty() || ++unknown > kMaxUnknownShown) continue;
      warnings.push_back(PlaceOf(file, value) + ": " + problem);
    }
    if (unknown > kMaxUnknownShown) {
      warnings.push_back(
          fmt::format("{}: and {} more unknown keys", file.path, unknown - kMaxUnknownShown));
    }
  }
  return warnings;
}

}  // namespace ledge
