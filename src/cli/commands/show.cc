// ledge show: what the store knows of one model.
#include <nlohmann/json.hpp>

#include "base/units.h"
#include "cli/command.h"
#include "cli/manifest_json.h"
#include "cli/model_argument.h"
#include "cli/table.h"

namespace ledge {
namespace {

class ShowCommand : public Command {
 public:
  void Declare(Options& options) override {
    options.Argument("NAME", argument_.model, "a name from 'ledge list'");
    options.Flag("--json", json_, "one JSON object");
    options.Examples("  ledge show smollm2\n  ledge inspect smollm2   what is in the file itself");
  }

  Result<void> Run(Program& program) override {
    program.json = json_;
    LEDGE_TRY(const Store store, OpenStore(program));
    LEDGE_TRY(const Manifest m, FindModel(program, store, argument_));
    if (json_) {
      program.PrintJson(ManifestJson(store, m));
      return {};
    }
    Table table({"name", m.name.ToString()});
    table.Row({"architecture", m.architecture});
    table.Row(
        {"weights", fmt::format("{}, most of them {}", FormatCount(m.parameters), m.quantisation)});
    table.Row({"licence", m.licence.empty() ? "not stated in the file" : m.licence});
    table.Row({"came from", fmt::format("{} ({})", m.source_file, OriginName(m.origin))});
    table.Row({"source",
               fmt::format("{}, sha256 {}", FormatSize(m.source_bytes), m.source_sha256.ToHex())});
    table.Row({"packed", fmt::format("{}, {}", FormatSize(m.packed_bytes), store.PackedPath(m))});
    table.Row({"since", FormatTime(m.created_unix)});
    program.Print(table.Text());
    return {};
  }

 private:
  ModelArgument argument_;
  bool json_ = false;
};

}  // namespace

extern const CommandEntry kCommand_show;
const CommandEntry kCommand_show = {"show", "what the store knows of a model",
                                    MakeCommand<ShowCommand>};

}  // namespace ledge
