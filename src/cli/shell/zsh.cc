#include <fmt/format.h>

#include "cli/command_line.h"
#include "cli/shell/completion.h"

namespace ledge {
namespace {

constexpr std::string_view kHead = R"script(#compdef ledge
# zsh completion for ledge; made by 'ledge completion zsh'.

_ledge_names() {
  local -a names
  names=(${(f)"$(${~program} $store --quiet list 2>/dev/null </dev/null)"})
  compadd "$@" -a names
}

_ledge_models() {
  _alternative 'names:stored model:_ledge_names' 'files:model file:_files'
}

_ledge_words_or_files() {
  _alternative "words:name:($*)" 'files:file:_files'
}

_ledge() {
  local context state state_descr line curcontext=$curcontext program=$words[1]
  local -a store commands
  local -A opt_args
)script";

constexpr std::string_view kTail = R"script(  esac
}

if [[ $funcstack[1] == _ledge ]]; then
  _ledge "$@"
else
  compdef _ledge ledge
fi
)script";

// With a backslash in front of the characters that mean something.
std::string Escaped(std::string_view text, std::string_view special) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || special.find(c) != special.npos) out += '\\';
    out += c;
  }
  return out;
}

std::string ActionOf(const OptionSpec& option) {
  const std::string words = "(" + Escaped(JoinedWords(option), ":()") + ")";
  switch (option.completes) {
    case Completes::kFile:
      if (option.words.empty()) return "_files";
      return " _ledge_words_or_files " + Escaped(JoinedWords(option), ":");
    case Completes::kFolder:
      return "_files -/";
    case Completes::kModel:
      return "_ledge_models";
    case Completes::kStoredName:
      return "_ledge_names";
    case Completes::kNothing:
      break;
  }
  return option.words.empty() ? " " : words;
}

std::string SpecRows(const CommandSpec& command, std::string_view indent) {
  std::string rows;
  for (const OptionSpec& option : command.options) {
    if (option.is_argument()) {
      const std::string place = option.repeatable ? "*" : option.required ? "" : ":";
      const std::string spec =
          fmt::format("{}:{}:{}", place, Escaped(option.argument, ":"), ActionOf(option));
      rows += fmt::format("{}{} \\\n", indent, ShellQuoted(spec));
      continue;
    }
    const bool flag = option.kind == OptionKind::kFlag;
    const bool both = !option.short_name.empty() && !option.long_name.empty();
    for (const std::string& name : {option.short_name, option.long_name}) {
      if (name.empty()) continue;
      std::string spec;
      if (option.repeatable) {
        spec = "*";
      } else if (both) {
        spec = fmt::format("({} {})", option.short_name, option.long_name);
      }
      spec += name;
      if (!flag) spec += name.starts_with("--") ? "=" : "+";
      spec += "[" + Escaped(option.help, "[]") + "]";
      if (!flag) spec += ":" + Escaped(option.value_name, ":") + ":" + ActionOf(option);
      rows += fmt::format("{}{} \\\n", indent, ShellQuoted(spec));
    }
  }
  return rows;
}

}  // namespace

std::string ZshCompletion(const CommandLine& line) {
  const std::string help = ShellQuoted("(-h --help)-h[print this help]") + " " +
                           ShellQuoted("(-h --help)--help[print this help]");
  std::string text(kHead);
  text += "  commands=(\n";
  for (const CommandSpec& command : line.commands()) {
    text +=
        fmt::format("    {}\n", ShellQuoted(command.name + ":" + Escaped(command.summary, ":")));
  }
  text += "  )\n  _arguments -C -S : \\\n" + SpecRows(line.program(), "    ");
  text += fmt::format(
      "    {} \\\n    '--version[print the version]' \\\n    '1:command:->command' \\\n"
      "    '*::argument:->argument'\n",
      help);
  text +=
      "  [[ -n $opt_args[--home] ]] && store+=(--home ${~${(Q)opt_args[--home]}})\n"
      "  [[ -n $opt_args[--config] ]] && store+=(--config ${~${(Q)opt_args[--config]}})\n"
      "  if [[ $state == command ]]; then\n    _describe -t commands command commands\n    return\n"
      "  fi\n  [[ $state == argument ]] || return\n  case $words[1] in\n";
  for (const CommandSpec& command : line.commands()) {
    text += fmt::format("    {})\n      _arguments -S : \\\n", command.name);
    text += SpecRows(command, "        ") + SpecRows(line.program(), "        ");
    text += "        " + help + "\n      ;;\n";
  }
  return text + std::string(kTail);
}

}  // namespace ledge
