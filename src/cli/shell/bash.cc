#include <fmt/format.h>

#include "cli/command_line.h"
#include "cli/shell/completion.h"

namespace ledge {
namespace {

// In front of the tables: nothing. Behind them: the function that reads them. Bash splits words at
// '=' and ':' unless it is told not to; the words are put together again, and what was in front of
// the split is cut off from the candidates.
constexpr std::string_view kScript = R"script(
_ledge_names() {
  local name
  while IFS= read -r name; do
    [[ $name == "$cur"* ]] && found+=("$name")
  done < <("${program/#\~/$HOME}" "${store[@]}" --quiet list 2>/dev/null </dev/null)
}

_ledge_files() {
  local name
  while IFS= read -r name; do found+=("$name"); done < <(compgen "$1" -- "$cur")
  compopt -o filenames 2>/dev/null
}

_ledge() {
  local program=$1 words=() word glue= i
  for ((i = 1; i <= COMP_CWORD; ++i)); do
    word=${COMP_WORDS[i]}
    if [[ ${#words[@]} -gt 0 && ( $word == : || $word == = ) ]]; then
      words[${#words[@]} - 1]+=$word
      glue=1
    elif [[ $glue ]]; then
      words[${#words[@]} - 1]+=$word
      glue=
    else
      words+=("$word")
    fi
  done
  local full=${words[${#words[@]} - 1]} shown=${COMP_WORDS[COMP_CWORD]}
  [[ $shown == : || $shown == = ]] && shown=
  local lead=${full%"$shown"}

  local command= position=0 pending= store=() want= candidates=
  for ((i = 0; i < ${#words[@]} - 1; ++i)); do
    word=${words[i]}
    if [[ $pending ]]; then
      [[ $pending == --home || $pending == --config ]] && store+=("$pending" "${word/#\~/$HOME}")
      pending=
      continue
    fi
    case $word in
      --home=* | --config=*) store+=("$word") ;;
      --*=*) ;;
      -*) _ledge_value "$command" "$word" && pending=$word ;;
      *) if [[ $command ]]; then ((++position)); else command=$word; fi ;;
    esac
  done

  local cur=$full head= found=()
  if [[ $pending ]]; then
    _ledge_value "$command" "$pending"
  elif [[ $cur == --*=* ]]; then
    head=${cur%%=*}=
    _ledge_value "$command" "${cur%%=*}" || return
    cur=${cur#*=}
  elif [[ $cur == -* ]]; then
    want=words
    candidates=$(_ledge_options "$command")
  else
    _ledge_argument "$command" "$position"
  fi

  [[ $candidates ]] && while IFS= read -r word; do found+=("$word"); done \
    < <(compgen -W "$candidates" -- "$cur")
  case $want in
    file) _ledge_files -f ;;
    folder) _ledge_files -d ;;
    name) _ledge_names ;;
    model)
      [[ $cur == [/.~]* ]] || _ledge_names
      _ledge_files -f
      ;;
  esac
  COMPREPLY=()
  for word in "${found[@]}"; do
    word=$head$word
    COMPREPLY+=("${word#"$lead"}")
  done
}

complete -F _ledge ledge
)script";

std::string_view WantOf(const OptionSpec& option) {
  switch (option.completes) {
    case Completes::kFile:
      return "file";
    case Completes::kFolder:
      return "folder";
    case Completes::kModel:
      return "model";
    case Completes::kStoredName:
      return "name";
    case Completes::kNothing:
      break;
  }
  return "words";
}

std::string Sets(const OptionSpec& option) {
  std::string text = fmt::format("want={}", WantOf(option));
  if (!option.words.empty()) text += " candidates=" + ShellQuoted(JoinedWords(option));
  return text;
}

std::string OptionNames(const CommandSpec& command) {
  std::string names;
  for (const OptionSpec& option : command.options) {
    for (const std::string& name : {option.short_name, option.long_name}) {
      if (!name.empty()) names += name + " ";
    }
  }
  return names;
}

std::string BashValues(const CommandSpec& command, const std::string& prefix) {
  std::string rows;
  for (const OptionSpec& option : command.options) {
    if (option.is_argument() || option.kind == OptionKind::kFlag) continue;
    std::string names;
    for (const std::string& name : {option.short_name, option.long_name}) {
      if (!name.empty()) names += (names.empty() ? "" : " | ") + prefix + ":" + name;
    }
    rows += fmt::format("    {}) {} ;;\n", names, Sets(option));
  }
  return rows;
}

std::string BashArguments(const CommandSpec& command) {
  std::string rows;
  size_t position = 0;
  for (const OptionSpec& option : command.options) {
    if (!option.is_argument()) continue;
    const std::string at = option.repeatable ? "*" : std::to_string(position++);
    rows += fmt::format("    {}:{}) {} ;;\n", command.name, at, Sets(option));
  }
  return rows;
}

}  // namespace

std::string BashCompletion(const CommandLine& line) {
  std::string values = BashValues(line.program(), "*");
  std::string options;
  std::string arguments;
  std::string commands;
  const std::string common = OptionNames(line.program()) + "-h --help";
  for (const CommandSpec& command : line.commands()) {
    values += BashValues(command, command.name);
    arguments += BashArguments(command);
    options += fmt::format("    {}) echo {} ;;\n", command.name,
                           ShellQuoted(OptionNames(command) + common));
    commands += (commands.empty() ? "" : " ") + command.name;
  }
  return fmt::format(
      "# bash completion for ledge; made by 'ledge completion bash'.\n\n"
      "# What the value of an option is; fails for flags.\n"
      "_ledge_value() {{\n  candidates=\n  case $1:$2 in\n{}    *) return 1 ;;\n  esac\n}}\n\n"
      "# What an argument is, by its place.\n"
      "_ledge_argument() {{\n  case $1:$2 in\n    :*) want=words candidates={} ;;\n{}  esac\n}}\n\n"
      "_ledge_options() {{\n  case $1 in\n{}    *) echo {} ;;\n  esac\n}}\n{}",
      values, ShellQuoted(commands), arguments, options, ShellQuoted(common + " --version"),
      kScript);
}

}  // namespace ledge
