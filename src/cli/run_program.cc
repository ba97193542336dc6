#include <fmt/format.h>

#include <csignal>
#include <new>
#include <nlohmann/json.hpp>

#include "cli/command_line.h"
#include "cli/interrupt.h"
#include "cli/program.h"
#include "cli/settings/settings.h"

namespace ledge {
namespace {

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

// The flag that was given wins over a setting that says the opposite.
void SettleVoice(const CommandLine& line, Program& program) {
  if (!program.verbose || !program.quiet) return;
  for (const OptionSpec& option : line.program().options) {
    if (option.long_name == "--verbose" && option.Given()) program.quiet = false;
    if (option.long_name == "--quiet" && option.Given()) program.verbose = false;
  }
}

// Stores what variables and files set for this command.
Result<void> ApplySettings(const CommandLine& line, const CommandSpec& command, Program& program,
                           const Settings& settings) {
  for (const OptionSpec& option : line.program().options) {
    LEDGE_TRY(const Setting applied, settings.Apply("", option));
    static_cast<void>(applied);
  }
  SettleVoice(line, program);
  for (const std::string& warning : settings.Warnings(line)) program.Warn(warning);
  for (const OptionSpec& option : command.options) {
    if (option.is_argument()) continue;
    LEDGE_TRY(const Setting applied, settings.Apply(command.name, option));
    if (applied.source.kind == SettingSource::Kind::kVariable ||
        applied.source.kind == SettingSource::Kind::kFile) {
      program.Detail(fmt::format("{} {} ({})", option.Name(), fmt::join(applied.texts, ","),
                                 applied.source.ToString()));
    }
  }
  return {};
}

Result<void> ParseAndRun(Program& program, int argc, char** argv) {
  CommandLine line(program);
  program.command_line = &line;
  LEDGE_TRY(const CommandLine::Parsed parsed, line.Parse(argc, argv));
  if (parsed.command == nullptr) {
    program.Print(parsed.text);
    return program.CheckOutput();
  }
  Settings settings;
  if (parsed.command->TakesSettings()) {
    std::string config = program.config_option;
    if (config.empty()) config = ProcessEnvironment("LEDGE_CONFIG");
    LEDGE_TRY(settings,
              Settings::Load(program.os(), config, Settings::DefaultPaths(ProcessEnvironment),
                             ProcessEnvironment));
    LEDGE_CHECK_OK(ApplySettings(line, *parsed.spec, program, settings));
  }
  program.settings = &settings;
  LEDGE_CHECK_OK(parsed.command->Run(program));
  return program.CheckOutput();
}

int RunOrFail(Program& program, int argc, char** argv) {
  const Result<void> done = ParseAndRun(program, argc, argv);
  if (done.ok()) return 0;
  // Where a command didn't come to say so itself.
  program.json = program.json || AsksForJson(argc, argv);
  return Fail(program, done.error());
}

}  // namespace

int RunProgram(Os& os, int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  Program program(os);
  ExitOnInterrupts(program.json);
  // The last line of defence: whatever a library throws ends in a message and a status, never in an
  // abort.
  try {
    return RunOrFail(program, argc, argv);
  } catch (const std::bad_alloc&) {
    return Fail(program,
                MakeError(Code::kNoMemory, "out of memory; a smaller --ctx or model needs less"));
  } catch (const std::exception& problem) {
    return Fail(program, MakeError(Code::kInternal, "unexpected: {}", problem.what()));
  }
}

}  // namespace ledge
