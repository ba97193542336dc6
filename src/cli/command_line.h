// The whole command line, as declared: the program's own options, every command's options, and the
// parser behind them. --help, `ledge config`, `ledge completion` and `ledge man` are made from it.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"
#include "cli/program.h"

namespace CLI {
class App;
}

namespace ledge {

class CommandLine {
 public:
  // Declares everything; the program's options store into `program`, which must live as long.
  explicit CommandLine(Program& program);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  // What came of parsing.
  struct Parsed {
    Command* command = nullptr;  // null: --help or --version
    const CommandSpec* spec = nullptr;
    std::string text;  // of --help and --version
  };
  // Stores the flags and arguments. kUsage names what is wrong.
  Result<Parsed> Parse(int argc, char** argv);

  // The options that stand before or behind any command.
  const CommandSpec& program() const { return program_; }
  std::span<const CommandSpec> commands() const { return commands_; }
  const CommandSpec* FindCommand(std::string_view name) const;

 private:
  // What to say where the parser refused the arguments.
  Error Refusal(const std::string& problem, int argc, char** argv) const;
  std::string UnknownWord(int argc, char** argv) const;

  std::unique_ptr<CLI::App> app_;
  CommandSpec program_;
  std::vector<CommandSpec> commands_;                // in the order of their names
  std::vector<std::unique_ptr<Command>> instances_;  // of the same indices
};

}  // namespace ledge
