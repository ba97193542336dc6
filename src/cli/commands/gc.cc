// ledge gc: removes what dead processes left in the store.
#include <nlohmann/json.hpp>

#include "base/units.h"
#include "cli/command.h"
#include "cli/model_argument.h"

namespace ledge {
namespace {

class GcCommand : public Command {
 public:
  void Declare(Options& options) override {
    options.Flag("--dry-run", dry_run_, "only say what would be removed");
    options.Flag("--json", json_, "{\"bytes\",\"removed\":[{\"path\",\"bytes\",\"reason\"}]}");
    options.Examples("  ledge gc --dry-run\n  ledge gc");
  }

  Result<void> Run(Program& program) override {
    program.json = json_;
    LEDGE_TRY(const Store store, OpenStore(program));
    LEDGE_TRY(const GcReport report, store.Gc(dry_run_));
    if (!report.kept_because.empty()) program.Warn(report.kept_because);
    if (json_) {
      auto removed = nlohmann::ordered_json::array();
      for (const auto& item : report.removed) {
        removed.push_back({{"path", item.path}, {"bytes", item.bytes}, {"reason", item.reason}});
      }
      program.PrintJson({{"bytes", report.bytes}, {"removed", removed}});
      return {};
    }
    for (const auto& item : report.removed) {
      program.Print(fmt::format("{}  {}  ({})\n", PrintableLine(item.path), FormatSize(item.bytes),
                                item.reason));
    }
    program.Inform(
        fmt::format("{} {}", FormatSize(report.bytes), dry_run_ ? "could be freed" : "freed"));
    return {};
  }

 private:
  bool dry_run_ = false;
  bool json_ = false;
};

}  // namespace

extern const CommandEntry kCommand_gc;
const CommandEntry kCommand_gc = {"gc", "free what interrupted work left in the store",
                                  MakeCommand<GcCommand>};

}  // namespace ledge
