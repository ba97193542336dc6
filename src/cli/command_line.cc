#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/help.h"
#include "cli/nearest.h"

namespace ledge {
namespace {

constexpr std::string_view kVersion = LEDGE_VERSION;

void DeclareProgram(Options& options, Program& program) {
  options.Folder("--home", program.home_option, "folder of the store");
  options.File("--config", program.config_option, "read settings from this file alone");
  options.Flag("-v,--verbose", program.verbose, "say more");
  options.Flag("-q,--quiet", program.quiet, "say only what goes wrong");
  options.Examples(
      "  ledge pull smollm2                        fetch the default model\n"
      "  ledge run smollm2 \"Why is the sky blue?\"  answer a prompt\n"
      "  ledge run ./model.gguf                    chat with a model file");
}

// The arguments, last first, as the parser takes them. "--name=" is an empty value, which the
// parser would otherwise take from the argument behind it.
std::vector<std::string> ArgumentsOf(int argc, char** argv) {
  std::vector<std::string> arguments;
  bool options_end = false;
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    options_end = options_end || argument == "--";
    const bool empty_value = !options_end && argument.starts_with("--") && argument.size() > 3 &&
                             argument.find('=') == argument.size() - 1;
    if (empty_value) argument.pop_back();
    arguments.push_back(std::move(argument));
    if (empty_value) arguments.emplace_back();
  }
  std::ranges::reverse(arguments);
  return arguments;
}

std::vector<std::string> LongNames(const CommandSpec& command) {
  std::vector<std::string> names;
  for (const OptionSpec& option : command.options) names.push_back(option.long_name);
  return names;
}

}  // namespace

CommandLine::CommandLine(Program& program)
    : app_(std::make_unique<CLI::App>("Runs language models on small machines.", "ledge")) {
  app_->require_subcommand(1);
  app_->fallthrough();
  app_->set_help_flag("-h,--help", "print this help");
  app_->set_version_flag("--version", "ledge " + std::string(kVersion), "print the version");
  program_.summary = app_->get_description();
  Options options(*app_, program_);
  DeclareProgram(options, program);
  if (const std::string home = Program::DefaultHome(); !home.empty())
    program_.options.front().defaults = {home};
  commands_.reserve(AllCommands().size());
  for (const CommandEntry* entry : AllCommands()) {
    commands_.push_back({.name = std::string(entry->name), .summary = std::string(entry->summary)});
    CLI::App* sub = app_->add_subcommand(commands_.back().name, commands_.back().summary);
    instances_.push_back(entry->make());
    Options own(*sub, commands_.back());
    instances_.back()->Declare(own);
  }
}

CommandLine::~CommandLine() = default;

const CommandSpec* CommandLine::FindCommand(std::string_view name) const {
  const auto found = std::ranges::find(commands_, name, &CommandSpec::name);
  return found == commands_.end() ? nullptr : &*found;
}

// Which word before any command is unknown; empty if none is.
std::string CommandLine::UnknownWord(int argc, char** argv) const {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (!word.starts_with('-')) {
      if (FindCommand(word) != nullptr) return {};
      std::vector<std::string> names;
      for (const CommandSpec& command : commands_) names.push_back(command.name);
      return fmt::format("no command '{}'{}", PrintableLine(word, 80), DidYouMean(word, names));
    }
    const CLI::Option* option = app_->get_option_no_throw(word.substr(0, word.find('=')));
    if (option == nullptr) {
      const std::string name = word.substr(0, word.find('='));
      return fmt::format("no option '{}'{}", PrintableLine(name, 80),
                         DidYouMean(name, LongNames(program_)));
    }
    if (option->get_items_expected() > 0 && word.find('=') == std::string::npos) ++i;
  }
  return {};
}

Error CommandLine::Refusal(const std::string& problem, int argc, char** argv) const {
  if (std::string unknown = UnknownWord(argc, argv); !unknown.empty())
    return MakeError(Code::kUsage, "{}; 'ledge --help' shows what there is", unknown);
  const CommandSpec* command = nullptr;
  for (const CommandSpec& spec : commands_) {
    if (app_->got_subcommand(spec.name)) command = &spec;
  }
  if (command == nullptr)
    return MakeError(Code::kUsage, "{}; 'ledge --help' shows what there is", problem);
  std::string what = problem;
  const std::vector<std::string> surplus = app_->remaining(true);
  for (const std::string& word : surplus) {
    if (word.starts_with('-')) {
      const std::string name = word.substr(0, word.find('='));
      what = fmt::format("no option '{}'{}", PrintableLine(name, 80),
                         DidYouMean(name, LongNames(*command)));
      break;
    }
    if (word == surplus.front())
      what = fmt::format("'{}' is one argument too many", PrintableLine(word, 80));
  }
  return MakeError(Code::kUsage, "{}; 'ledge {} --help' shows what there is", what, command->name);
}

Result<CommandLine::Parsed> CommandLine::Parse(int argc, char** argv) {
  if (argc < 2) return MakeError(Code::kUsage, "no command given; 'ledge --help' lists them");
  try {
    app_->parse(ArgumentsOf(argc, argv));
  } catch (const CLI::CallForVersion& version) {
    return Parsed{.text = std::string(version.what()) + "\n"};
  } catch (const CLI::Success&) {
    for (const CommandSpec& command : commands_) {
      if (app_->got_subcommand(command.name)) return Parsed{.text = HelpText(*this, &command)};
    }
    return Parsed{.text = HelpText(*this, nullptr)};
  } catch (const CLI::ArgumentMismatch&) {
    // Every option takes one value, and of several the last: only the last argument can lack one.
    return Refusal(fmt::format("{} needs a value", PrintableLine(argv[argc - 1], 80)), argc, argv);
  } catch (const CLI::RequiredError& problem) {
    const bool none = app_->get_subcommands().empty();
    return Refusal(none ? "no command given" : problem.what(), argc, argv);
  } catch (const CLI::ParseError& problem) {
    return Refusal(problem.what(), argc, argv);
  }
  for (size_t i = 0; i < commands_.size(); ++i) {
    if (app_->got_subcommand(commands_[i].name))
      return Parsed{.command = instances_[i].get(), .spec = &commands_[i]};
  }
  return MakeError(Code::kUsage, "no command given; 'ledge --help' lists them");
}

}  // namespace ledge
