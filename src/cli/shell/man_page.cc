#include "cli/shell/man_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/command_line.h"
#include "cli/help.h"

namespace ledge {
namespace {

struct Row {
  std::string_view head;
  std::string_view text;
};

constexpr std::array kExitStatuses = {
    Row{"0", "done"},
    Row{"1", "any other failure"},
    Row{"2", "wrong usage"},
    Row{"3", "the input is malformed or unsupported"},
    Row{"4", "not found"},
    Row{"5", "refused for want of memory, disk or budget"},
    Row{"6", "verification failed"},
    Row{"7", "server or network not reachable"},
    Row{"130", "interrupted"},
};

constexpr std::array kFiles = {
    Row{"~/.config/ledge/ledge.toml, /etc/ledge/ledge.toml",
        "Settings: any long option without its dashes, as threads = 4. Above the first table they "
        "hold for every command that has such an option, below [run] for 'ledge run'. "
        "$XDG_CONFIG_HOME stands for ~/.config where it is set."},
    Row{"~/.local/share/ledge",
        "The store: models/ holds packed weights, names/ what they are called. $XDG_DATA_HOME "
        "stands for ~/.local/share where it is set."},
};

constexpr std::array kVariables = {
    Row{"LEDGE_HOME", "Folder of the store, as --home."},
    Row{"LEDGE_CONFIG", "The file of settings, as --config."},
    Row{"LEDGE_...",
        "Any other long option in capitals, as LEDGE_MAX_TOKENS for --max-tokens. A "
        "flag wins over a variable, a variable over a file."},
};

constexpr std::string_view kModel =
    "MODEL is a path to a GGUF file or a name in the store. A path begins with /, ./, ../ or ~, or "
    "ends in .gguf, or is an existing file when the store has no such name.";
constexpr std::string_view kResults =
    "Results go to standard output, everything else to standard error. With --json standard output "
    "holds exactly one JSON document. An error is one line that begins with 'ledge: '.";

std::string Bold(std::string_view text) { return "\\fB" + RoffText(text) + "\\fR"; }
std::string Slanted(std::string_view text) { return "\\fI" + RoffText(text) + "\\fR"; }

// Words to choose from, where a line may end behind each.
std::string Choices(const std::string& value_name) {
  std::string text;
  for (const char c : RoffText(value_name)) {
    text += c;
    if (c == '|') text += "\\:";
  }
  return "\\fI" + text + "\\fR";
}

template <size_t N>
std::string Rows(std::string_view title, const std::array<Row, N>& rows) {
  std::string text = fmt::format(".SH {}\n", title);
  for (const Row& row : rows)
    text += fmt::format(".TP\n{}\n{}\n", Bold(row.head), RoffText(row.text));
  return text;
}

std::string ManOptions(const CommandSpec& command) {
  std::string text;
  for (const OptionSpec& option : command.options) {
    if (option.is_argument()) continue;
    std::string names;
    for (const std::string& name : {option.short_name, option.long_name}) {
      if (!name.empty()) names += (names.empty() ? "" : ", ") + Bold(name);
    }
    if (!option.value_name.empty()) names += " " + Choices(option.value_name);
    text += ".TP\n" + names + "\n" + RoffText(option.help) + "\n";
    // A folder's default is this machine's; the section on files says where it is on any.
    const std::string shown = option.completes == Completes::kFolder ? "" : ShownDefault(option);
    if (!shown.empty()) text += ".br\nDefault: " + RoffText(shown) + "\n";
  }
  return text;
}

std::string ManArguments(const CommandSpec& command) {
  std::string text;
  for (const OptionSpec& option : command.options) {
    if (option.is_argument())
      text += ".TP\n" + Slanted(option.argument) + "\n" + RoffText(option.help) + "\n";
  }
  return text.empty() ? text : ".SH ARGUMENTS\n" + text;
}

// Lines as they stand.
std::string Verbatim(std::string_view title, std::string_view lines) {
  std::string text = fmt::format(".SH {}\n.nf\n", title);
  while (!lines.empty()) {
    const size_t end = std::min(lines.find('\n'), lines.size());
    text += RoffText(lines.substr(0, end)) + "\n";
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return text + ".fi\n";
}

std::string Head(const CommandSpec* command, const std::string& summary) {
  std::string title = ManPageName(command);
  for (char& c : title) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return fmt::format(".TH {} 1 \"\" \"ledge {}\" \"ledge\"\n.ad l\n.SH NAME\n{} \\- {}\n", title,
                     LEDGE_VERSION, RoffText(ManPageName(command)), RoffText(summary));
}

std::string ProgramPage(const CommandLine& line) {
  std::string text = Head(nullptr, "runs language models on small machines");
  text += ".SH SYNOPSIS\n" + Bold("ledge") + " [" + Slanted("OPTIONS") + "] " + Slanted("COMMAND") +
          " ...\n";
  text += ".SH DESCRIPTION\n" + RoffText(kModel) + "\n.PP\n" + RoffText(kResults) + "\n";
  text += ".SH COMMANDS\n";
  for (const CommandSpec& command : line.commands()) {
    text += fmt::format(".TP\n.BR {} (1)\n{}\n", RoffText(ManPageName(&command)),
                        RoffText(command.summary));
  }
  text += ".SH OPTIONS\n" + ManOptions(line.program());
  text += fmt::format(".TP\n{}, {}\nprint help\n.TP\n{}\nprint the version\n", Bold("-h"),
                      Bold("--help"), Bold("--version"));
  return text + Verbatim("EXAMPLES", line.program().examples) + Rows("EXIT STATUS", kExitStatuses) +
         Rows("ENVIRONMENT", kVariables) + Rows("FILES", kFiles);
}

}  // namespace

std::string RoffText(std::string_view text) {
  std::string out;
  if (text.starts_with('.') || text.starts_with('\'')) out = "\\&";
  for (const char c : text) {
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else if (c == '\'') {
      out += "\\(aq";
    } else if (c == '~') {
      out += "\\(ti";
    } else if (c == '^') {
      out += "\\(ha";
    } else if (c == '`') {
      out += "\\(ga";
    } else {
      out += c;
    }
  }
  return out;
}

std::string ManPageName(const CommandSpec* command) {
  return command == nullptr ? "ledge" : "ledge-" + command->name;
}

std::string ManPage(const CommandLine& line, const CommandSpec* command) {
  if (command == nullptr) return ProgramPage(line);
  std::string text = Head(command, command->summary);
  text += ".SH SYNOPSIS\n" + Bold("ledge " + command->name) +
          RoffText(UsageLine(*command).substr(("ledge " + command->name).size())) + "\n";
  if (!command->about.empty()) text += ".SH DESCRIPTION\n" + RoffText(command->about) + "\n";
  text += ManArguments(*command);
  text += ".SH OPTIONS\n" + ManOptions(*command) + ManOptions(line.program());
  text += fmt::format(".TP\n{}, {}\nprint help\n", Bold("-h"), Bold("--help"));
  text += Verbatim("EXAMPLES", command->examples);
  text += ".SH SEE ALSO\n.BR ledge (1)\nfor exit statuses, settings and files\n";
  return text;
}

}  // namespace ledge
