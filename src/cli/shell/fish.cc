#include <fmt/format.h>

#include "cli/command_line.h"
#include "cli/shell/completion.h"

namespace ledge {
namespace {

// Behind __ledge_takes_value, which says for which options the next word is a value.
constexpr std::string_view kFunctions = R"script(
# The command and the number of its arguments so far, a line each.
function __ledge_state
    set -l command ''
    set -l position 0
    set -l skip 0
    for word in (commandline -opc)[2..-1]
        if test $skip = 1
            set skip 0
            continue
        end
        switch $word
            case '--*=*'
            case '-*'
                __ledge_takes_value "$command" $word; and set skip 1
            case '*'
                if test -z "$command"
                    set command $word
                else
                    set position (math $position + 1)
                end
        end
    end
    printf '%s\n' "$command" $position
end

# Whether the command is this one and, if given, whether the argument of this place is due.
function __ledge_at
    set -l state (__ledge_state)
    test "$state[1]" = "$argv[1]"; or return 1
    test (count $argv) = 1; or test $state[2] = $argv[2]
end

function __ledge_names
    set -l words (commandline -opc)
    set -l program (string replace -r '^~' $HOME -- $words[1])
    set -l store
    for i in (seq 2 (count $words))
        switch $words[$i]
            case '--home=*' '--config=*'
                set -a store $words[$i]
            case --home --config
                set -l next (math $i + 1)
                set -q words[$next]; and set -a store $words[$i] (string replace -r '^~' $HOME -- $words[$next])
        end
    end
    $program $store --quiet list 2>/dev/null </dev/null
end

complete -c ledge -f
)script";

std::string FishValues(const CommandSpec& command, const std::string& prefix) {
  std::string rows;
  for (const OptionSpec& option : command.options) {
    if (option.is_argument() || option.kind == OptionKind::kFlag) continue;
    for (const std::string& name : {option.short_name, option.long_name}) {
      if (!name.empty()) rows += " '" + prefix + ":" + name + "'";
    }
  }
  return rows;
}

// What it offers: words, names, files.
std::string Offers(const OptionSpec& option) {
  std::string offered = JoinedWords(option);
  std::string text;
  if (option.completes == Completes::kModel || option.completes == Completes::kStoredName)
    offered += offered.empty() ? "(__ledge_names)" : " (__ledge_names)";
  if (option.completes == Completes::kFolder) offered = "(__fish_complete_directories)";
  if (!offered.empty()) text += " -a " + FishQuoted(offered);
  if (option.completes == Completes::kFile || option.completes == Completes::kModel) text += " -F";
  return text;
}

std::string FishOptions(const CommandSpec& command) {
  const std::string condition =
      command.name.empty() ? "" : " -n " + FishQuoted("__ledge_at " + command.name);
  std::string rows;
  size_t position = 0;
  for (const OptionSpec& option : command.options) {
    if (option.is_argument()) {
      const std::string place = option.repeatable ? "" : fmt::format(" {}", position++);
      rows += fmt::format("complete -c ledge -n {}{}\n",
                          FishQuoted("__ledge_at " + command.name + place), Offers(option));
      continue;
    }
    rows += "complete -c ledge" + condition;
    if (!option.short_name.empty()) rows += " -s " + option.short_name.substr(1);
    if (!option.long_name.empty()) rows += " -l " + option.long_name.substr(2);
    if (option.kind != OptionKind::kFlag) {
      // Without -x fish offers files where none is meant.
      rows += option.completes == Completes::kFile ? " -r" : " -x";
      rows += Offers(option);
    }
    rows += " -d " + FishQuoted(option.help) + "\n";
  }
  return rows;
}

}  // namespace

std::string FishCompletion(const CommandLine& line) {
  std::string values;
  for (const CommandSpec& command : line.commands()) values += FishValues(command, command.name);
  std::string text = fmt::format(
      "# fish completion for ledge; made by 'ledge completion fish'.\n\n"
      "function __ledge_takes_value\n    switch \"$argv[1]:$argv[2]\"\n"
      "        case{}{}\n            return 0\n    end\n    return 1\nend\n{}",
      FishValues(line.program(), "*"), values, kFunctions);
  text += FishOptions(line.program());
  text += "complete -c ledge -s h -l help -d 'print this help'\n";
  text += "complete -c ledge -n '__ledge_at \"\"' -l version -d 'print the version'\n";
  for (const CommandSpec& command : line.commands()) {
    text += fmt::format("complete -c ledge -n '__ledge_at \"\"' -a {} -d {}\n", command.name,
                        FishQuoted(command.summary));
  }
  for (const CommandSpec& command : line.commands()) text += FishOptions(command);
  return text;
}

}  // namespace ledge
