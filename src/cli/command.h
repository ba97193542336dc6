// A subcommand: one file of cli/commands/, which defines `const CommandEntry kCommand_<name>`. The
// table of all of them is made from the file names (cmake/registry.cmake).
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "base/result.h"
#include "cli/options.h"

namespace ledge {

class Program;

class Command {
 public:
  virtual ~Command() = default;
  // Declares options and examples.
  virtual void Declare(Options& options) = 0;
  // Whether ledge.toml and the environment may set its options; if not, a file that is wrong
  // doesn't keep it from working.
  virtual bool TakesSettings() const { return true; }
  // Does the work. Results go to program.out(); an error is printed by the caller.
  virtual Result<void> Run(Program& program) = 0;
};

struct CommandEntry {
  std::string_view name;
  std::string_view summary;
  std::unique_ptr<Command> (*make)();
};

template <typename T>
std::unique_ptr<Command> MakeCommand() {
  return std::make_unique<T>();
}

std::span<const CommandEntry* const> AllCommands();

}  // namespace ledge
