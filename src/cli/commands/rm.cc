// ledge rm: takes a name, and the packed file behind it, out of the store.
#include "cli/command.h"
#include "cli/model_argument.h"

namespace ledge {
namespace {

class RmCommand : public Command {
 public:
  void Declare(Options& options) override {
    options.Arguments("NAME", names_, "names from 'ledge list'");
    options.Examples("  ledge rm smollm2");
  }

  Result<void> Run(Program& program) override {
    LEDGE_TRY(const Store store, OpenStore(program));
    for (const std::string& text : names_) {
      LEDGE_TRY(ModelName name, ParseModelName(text));
      // A damaged manifest can be removed by its own name only; an alias is looked up.
      if (auto found = FindModel(program, store, {.model = text}); found.ok()) name = found->name;
      LEDGE_CHECK_OK(store.Remove(name));
      program.Inform("removed " + name.ToString());
    }
    return {};
  }

 private:
  std::vector<std::string> names_;
};

}  // namespace

extern const CommandEntry kCommand_rm;
const CommandEntry kCommand_rm = {"rm", "take models out of the store", MakeCommand<RmCommand>};

}  // namespace ledge
