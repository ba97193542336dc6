// ledge list: the models in the store.
#include <nlohmann/json.hpp>

#include "base/units.h"
#include "cli/command.h"
#include "cli/manifest_json.h"
#include "cli/model_argument.h"
#include "cli/table.h"

namespace ledge {
namespace {

class ListCommand : public Command {
 public:
  void Declare(Options& options) override {
    options.Flag("--json", json_, "a JSON array of models");
    options.Examples(
        "  ledge list\n  ledge list --quiet   the names alone, one a line\n  ledge list --json");
  }

  Result<void> Run(Program& program) override {
    program.json = json_;
    LEDGE_TRY(const Store store, OpenStore(program));
    LEDGE_TRY(const Listing listing, store.List());
    for (const auto& [name, problem] : listing.damaged) {
      program.Warn(fmt::format("{}: {}; 'ledge rm {}' removes it", name.ToString(), problem.message,
                               name.ToString()));
    }
    if (json_) {
      auto models = nlohmann::ordered_json::array();
      for (const Manifest& manifest : listing.models)
        models.push_back(ManifestJson(store, manifest));
      program.PrintJson(models);
      return {};
    }
    if (program.quiet) {
      for (const Manifest& manifest : listing.models)
        program.Print(manifest.name.ToString() + "\n");
      return {};
    }
    program.Inform("store: " + store.home());
    if (listing.models.empty()) {
      program.Inform("no models yet; 'ledge pull smollm2' fetches a small one");
      return {};
    }
    Table table({"NAME", "ARCHITECTURE", "WEIGHTS", "TYPE", "SIZE", "LICENCE"});
    for (const Manifest& m : listing.models) {
      table.Row({m.name.ToString(), m.architecture, FormatCount(m.parameters), m.quantisation,
                 FormatSize(m.packed_bytes), m.licence});
    }
    program.Print(table.Text());
    return {};
  }

 private:
  bool json_ = false;
};

}  // namespace

extern const CommandEntry kCommand_list;
const CommandEntry kCommand_list = {"list", "the models in the store", MakeCommand<ListCommand>};

}  // namespace ledge
