#include "cli/help.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/command_line.h"

namespace ledge {
namespace {

constexpr size_t kNameColumn = 26;  // longer names get a line of their own

struct Entry {
  std::string name;
  std::string text;
};

std::string OptionName(const OptionSpec& option) {
  std::string name = option.short_name.empty() ? "    " : option.short_name;
  if (!option.short_name.empty() && !option.long_name.empty()) name += ", ";
  name += option.long_name;
  if (option.value_name.size() > 16) return name + " TYPE";  // a list of words, told in the text
  return option.value_name.empty() ? name : name + " " + option.value_name;
}

std::string OptionText(const OptionSpec& option) {
  std::string text = option.help;
  if (option.value_name.size() > 16)
    text += ": " + fmt::format("{}", fmt::join(option.words, ", "));
  const std::string shown = ShownDefault(option);
  return shown.empty() ? text : text + " [" + shown + "]";
}

std::string Block(std::string_view title, const std::vector<Entry>& entries) {
  std::string text = fmt::format("\n{}:\n", title);
  for (const auto& [name, words] : entries) {
    text += "  " + name;
    if (name.size() + 2 > kNameColumn) {
      text += "\n" + std::string(kNameColumn + 2, ' ');
    } else {
      text += std::string(kNameColumn - name.size(), ' ');
    }
    text += Wrapped(words, kNameColumn + 2) + "\n";
  }
  return text;
}

std::vector<Entry> OptionEntries(const CommandSpec& command, bool arguments) {
  std::vector<Entry> entries;
  for (const OptionSpec& option : command.options) {
    if (option.is_argument() != arguments) continue;
    entries.push_back(arguments ? Entry{option.argument, option.help}
                                : Entry{OptionName(option), OptionText(option)});
  }
  return entries;
}

std::vector<Entry> ProgramEntries(const CommandLine& line) {
  std::vector<Entry> entries = OptionEntries(line.program(), false);
  entries.push_back({"-h, --help", "print this help"});
  return entries;
}

std::string ProgramHelp(const CommandLine& line) {
  std::string text = line.program().summary + "\n\nUsage: ledge [OPTIONS] COMMAND ...\n";
  std::vector<Entry> commands;
  for (const CommandSpec& command : line.commands())
    commands.push_back({command.name, command.summary});
  text += Block("Commands", commands);
  std::vector<Entry> options = ProgramEntries(line);
  options.push_back({"    --version", "print the version"});
  text += Block("Options", options);
  text += "\nExamples:\n" + line.program().examples;
  text += "\n\n'ledge COMMAND --help' tells more of a command.\n";
  return text;
}

}  // namespace

std::string Wrapped(std::string_view text, size_t indent, size_t width) {
  std::string out;
  size_t column = indent;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (column > indent && column + 1 + word.size() > width) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    }
    if (column > indent) out += ' ';
    column += word.size() + (column > indent ? 1 : 0);
    out += word;
  }
  return out;
}

std::string ShownDefault(const OptionSpec& option) {
  if (option.is_argument() || option.defaults.empty() || option.kind == OptionKind::kFlag)
    return {};
  return fmt::format("{}", fmt::join(option.defaults, ", "));
}

std::string UsageLine(const CommandSpec& command) {
  std::string line = "ledge " + command.name + " [OPTIONS]";
  for (const OptionSpec& option : command.options) {
    if (!option.is_argument()) continue;
    const std::string name = option.argument + (option.repeatable ? "..." : "");
    line += option.required ? " " + name : " [" + name + "]";
  }
  return line;
}

std::string HelpText(const CommandLine& line, const CommandSpec* command) {
  if (command == nullptr) return ProgramHelp(line);
  std::string text = fmt::format("ledge {}: {}\n", command->name, command->summary);
  if (!command->about.empty()) text += "\n" + Wrapped(command->about, 0) + "\n";
  text += "\nUsage: " + UsageLine(*command) + "\n";
  if (const auto arguments = OptionEntries(*command, true); !arguments.empty())
    text += Block("Arguments", arguments);
  if (const auto options = OptionEntries(*command, false); !options.empty())
    text += Block("Options", options);
  text += Block("Options of every command", ProgramEntries(line));
  text += "\nExamples:\n" + command->examples + "\n";
  const auto setting = std::ranges::find_if(command->options, [](const OptionSpec& option) {
    return !option.Key().empty() && option.kind != OptionKind::kFlag;
  });
  if (setting != command->options.end()) {
    text += fmt::format(
        "\nWhat options say can stand in ledge.toml ({} = ...) or in the environment\n({}), too; "
        "'ledge config' shows what is in force.\n",
        setting->Key(), setting->Variable());
  }
  return text;
}

}  // namespace ledge
