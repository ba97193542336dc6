// ledge export: gives a source file back, bit for bit.
#include <nlohmann/json.hpp>

#include "base/units.h"
#include "cli/command.h"
#include "cli/long_work.h"
#include "cli/model_argument.h"
#include "store/import.h"

namespace ledge {
namespace {

class ExportCommand : public Command {
 public:
  void Declare(Options& options) override {
    options.Argument("NAME", argument_.model, "a name from 'ledge list'");
    options.File("-o,--output", path_, "the file to write (required)");
    options.Flag("--json", json_, "{\"path\",\"bytes\",\"sha256\"}");
    options.Examples("  ledge export smollm2 -o smollm2.gguf");
  }

  Result<void> Run(Program& program) override {
    program.json = json_;
    if (path_.empty()) return MakeError(Code::kUsage, "no place for the file; give -o FILE");
    LEDGE_TRY(const Store store, OpenStore(program));
    LEDGE_TRY(const Manifest manifest, FindModel(program, store, argument_));
    {
      LongWork work(program);
      LEDGE_CHECK_OK(
          ExportStored(program.os(), store, manifest.name, path_, work.Show("writing " + path_)));
    }
    const std::string sha256 = manifest.source_sha256.ToHex();
    if (json_) {
      program.PrintJson({{"path", path_}, {"bytes", manifest.source_bytes}, {"sha256", sha256}});
    } else {
      program.Inform(fmt::format("wrote {} ({}, sha256 {})", path_,
                                 FormatSize(manifest.source_bytes), sha256));
    }
    return {};
  }

 private:
  ModelArgument argument_;
  std::string path_;
  bool json_ = false;
};

}  // namespace

extern const CommandEntry kCommand_export;
const CommandEntry kCommand_export = {
    "export", "write a stored model's source file again, bit for bit", MakeCommand<ExportCommand>};

}  // namespace ledge
