#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <new>
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/options.h"
#include "cli/program.h"

namespace ledge {
namespace {

constexpr std::string_view kVersion = LEDGE_VERSION;

int Fail(Program& program, const Error& error) {
  if (program.json) {
    program.PrintJson(
        {{"error",
          {{"code", CodeName(error.code)}, {"message", PrintableLine(error.message, 4000)}}}});
  }
  const std::string line = PrintableLine("ledge: " + error.message) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
  return ExitStatus(error.code);
}

// Whether --json was asked for, where the arguments could not be parsed.
bool AsksForJson(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--json") return true;
  }
  return false;
}

void DeclareGlobals(CLI::App& app, Program& program) {
  Options options(app);
  options.Text("--home", program.home_option,
               "folder of the store [$LEDGE_HOME, ~/.local/share/ledge]");
  options.Flag("-v,--verbose", program.verbose, "say more");
  options.Flag("-q,--quiet", program.quiet, "say only what went wrong");
}

// What the parser doesn't say: which word before any command is unknown. Empty if none is.
std::string UnknownWord(const CLI::App& app, int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (!word.starts_with('-')) {
      const auto same = [&](const CommandEntry* entry) { return entry->name == word; };
      return std::ranges::any_of(AllCommands(), same)
                 ? ""
                 : "no command '" + PrintableLine(word, 80) + "'";
    }
    const CLI::Option* option = app.get_option_no_throw(word.substr(0, word.find('=')));
    if (option == nullptr) return "no option '" + PrintableLine(word, 80) + "' before the command";
    if (option->get_items_expected() > 0 && word.find('=') == std::string::npos) ++i;
  }
  return "";
}

int ParseAndRun(Program& program, int argc, char** argv) {
  CLI::App app("Runs language models on small machines.", "ledge");
  app.require_subcommand(1);
  app.fallthrough();
  app.set_version_flag("--version", "ledge " + std::string(kVersion));
  DeclareGlobals(app, program);
  app.footer(
      "Examples:\n"
      "  ledge pull smollm2                        fetch the default model\n"
      "  ledge run smollm2 \"Why is the sky blue?\"  answer a prompt\n"
      "  ledge run ./model.gguf                    chat with a model file\n"
      "'ledge COMMAND --help' tells more of a command.");

  std::unique_ptr<Command> chosen;
  std::vector<std::unique_ptr<Command>> commands;
  for (const CommandEntry* entry : AllCommands()) {
    CLI::App* sub = app.add_subcommand(std::string(entry->name), std::string(entry->summary));
    commands.push_back(entry->make());
    Options options(*sub);
    commands.back()->Declare(options);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& request) {
    return app.exit(request);  // --help, --version
  } catch (const CLI::ParseError& problem) {
    program.json = AsksForJson(argc, argv);
    if (argc < 2)
      return Fail(program, MakeError(Code::kUsage, "no command given; 'ledge --help' lists them"));
    const std::string unknown = UnknownWord(app, argc, argv);
    return Fail(program, MakeError(Code::kUsage, "{}; 'ledge --help' shows what there is",
                                   unknown.empty() ? problem.what() : unknown));
  }
  size_t index = 0;
  for (const CommandEntry* entry : AllCommands()) {
    if (app.got_subcommand(std::string(entry->name))) chosen = std::move(commands[index]);
    ++index;
  }
  Result<void> done = chosen->Run(program);
  if (done.ok()) done = program.CheckOutput();
  return done.ok() ? 0 : Fail(program, done.error());
}

}  // namespace

int RunProgram(Os& os, int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  Program program(os);
  ExitOnInterrupts(program.json);
  // The last line of defence: whatever a library throws ends in a message and a status, never in an
  // abort.
  try {
    return ParseAndRun(program, argc, argv);
  } catch (const std::bad_alloc&) {
    return Fail(program,
                MakeError(Code::kNoMemory, "out of memory; a smaller --ctx or model needs less"));
  } catch (const std::exception& problem) {
    return Fail(program, MakeError(Code::kInternal, "unexpected: {}", problem.what()));
  }
}

}  // namespace ledge
