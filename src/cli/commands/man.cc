// ledge man: manual pages.
#include "cli/command.h"
#include "cli/command_line.h"
#include "cli/shell/man_page.h"

namespace ledge {
namespace {

Result<void> WritePage(Os& os, const std::string& path, const std::string& page) {
  LEDGE_TRY(const auto file, os.Create(path));
  LEDGE_CHECK_OK(file->WriteAt(0, std::as_bytes(std::span(page))));
  return file->Commit();
}

class ManCommand : public Command {
 public:
  void Declare(Options& options) override {
    options.OptionalArgument("COMMAND", command_, "of which command; of ledge itself if left out",
                             CommandNames());
    options.Folder("--write-all", folder_, "write every page into this folder instead");
    options.About(
        "Prints a manual page as roff, made from the same text as --help. An installed ledge has "
        "brought its pages along: 'man ledge-run' shows one.");
    options.Examples(
        "  ledge man run | man -l -                 read a page\n"
        "  ledge man --write-all /usr/local/share/man/man1");
  }

  bool TakesSettings() const override { return false; }

  Result<void> Run(Program& program) override {
    const CommandLine& line = *program.command_line;
    if (!folder_.empty()) return WriteAll(program.os(), line);
    const CommandSpec* command = command_ ? line.FindCommand(*command_) : nullptr;
    if (command_ && command == nullptr) {
      return MakeError(Code::kUsage, "no command '{}'; 'ledge --help' shows what there is",
                       PrintableLine(*command_, 80));
    }
    program.Print(ManPage(line, command));
    return {};
  }

 private:
  static std::vector<std::string> CommandNames() {
    std::vector<std::string> names;
    for (const CommandEntry* entry : AllCommands()) names.emplace_back(entry->name);
    return names;
  }

  Result<void> WriteAll(Os& os, const CommandLine& line) const {
    LEDGE_CHECK_OK(os.MakeFolder(folder_));
    LEDGE_CHECK_OK(
        WritePage(os, folder_ + "/" + ManPageName(nullptr) + ".1", ManPage(line, nullptr)));
    for (const CommandSpec& command : line.commands()) {
      LEDGE_CHECK_OK(
          WritePage(os, folder_ + "/" + ManPageName(&command) + ".1", ManPage(line, &command)));
    }
    return {};
  }

  std::optional<std::string> command_;
  std::string folder_;
};

}  // namespace

extern const CommandEntry kCommand_man;
const CommandEntry kCommand_man = {"man", "manual pages", MakeCommand<ManCommand>};

}  // namespace ledge
