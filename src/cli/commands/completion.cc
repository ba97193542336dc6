// ledge completion: scripts with which a shell completes ledge's command lines.
#include "cli/shell/completion.h"
#include "cli/command.h"
#include "cli/program.h"

namespace ledge {
namespace {

class CompletionCommand : public Command {
 public:
  void Declare(Options& options) override {
    options.Argument("SHELL", shell_, "bash, zsh or fish", {"bash", "zsh", "fish"});
    options.About(
        "Prints a script with which the shell completes commands, options, their values, files, "
        "and the names of the store's models. An installed ledge has brought it along.");
    options.Examples(
        "  source <(ledge completion bash)     in this bash; for all, in ~/.bashrc\n"
        "  source <(ledge completion zsh)      in ~/.zshrc, behind compinit\n"
        "  ledge completion fish > ~/.config/fish/completions/ledge.fish");
  }

  bool TakesSettings() const override { return false; }

  Result<void> Run(Program& program) override {
    const CommandLine& line = *program.command_line;
    if (shell_ == "bash") {
      program.Print(BashCompletion(line));
    } else if (shell_ == "zsh") {
      program.Print(ZshCompletion(line));
    } else if (shell_ == "fish") {
      program.Print(FishCompletion(line));
    } else {
      return MakeError(Code::kUsage, "no completion for '{}'; bash, zsh and fish have one",
                       PrintableLine(shell_, 80));
    }
    return {};
  }

 private:
  std::string shell_;
};

}  // namespace

extern const CommandEntry kCommand_completion;
const CommandEntry kCommand_completion = {
    "completion", "a shell's script to complete command lines", MakeCommand<CompletionCommand>};

}  // namespace ledge
