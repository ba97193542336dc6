// ledge import: packs a model into the store under a name.
#include <nlohmann/json.hpp>

#include "base/units.h"
#include "cli/command.h"
#include "cli/long_work.h"
#include "cli/manifest_json.h"
#include "cli/model_argument.h"
#include "hf/type_choice.h"
#include "store/import.h"

namespace ledge {
namespace {

class ImportCommand : public Command {
 public:
  void Declare(Options& options) override {
    options.Argument("PATH", path_, "a GGUF file, or a folder of safetensors");
    options.Text("--name", name_, "its name in the store; made from the file's name if left out");
    options.Text("--type", type_,
                 "quantise a folder's weights on the way: f32, f16, bf16, q8_0, q6_k, q4_k, q4_1, "
                 "q4_0; left as they are if left out");
    options.Flag("--json", json_, "the model as 'ledge show --json' prints it");
    options.Examples(
        "  ledge import ./llama-2-7b.Q4_0.gguf --name llama2\n"
        "  ledge import ./Qwen3-8B --type q4_k\n"
        "  ledge run llama2 \"Hello\"");
  }

  Result<void> Run(Program& program) override {
    program.json = json_;
    LEDGE_TRY(const Store store, OpenStore(program));
    ModelName name = SuggestModelName(path_);
    if (name_) {
      LEDGE_TRY(name, ParseModelName(*name_));
    }
    FolderOptions folder;
    if (type_) {
      LEDGE_TRY(folder.type, ParseImportType(*type_));
    }
    std::string path = path_;
    if (path.starts_with("~/")) path = UserHome() + path.substr(1);
    LongWork work(program);
    LEDGE_TRY(
        const Manifest manifest,
        ImportModel(program.os(), store,
                    {.name = name, .source_path = path, .stop = [&] { return work.interrupted(); }},
                    work.Show("packing " + name.ToString()), folder));
    LEDGE_TRY(const auto packed, OpenStored(program.os(), store, manifest));
    WarnOfGaps(program, *packed);
    if (json_) {
      program.PrintJson(ManifestJson(store, manifest));
    } else {
      program.Inform(fmt::format("{}: {} {}, {} packed", manifest.name.ToString(),
                                 manifest.architecture, manifest.quantisation,
                                 FormatSize(manifest.packed_bytes)));
    }
    return {};
  }

 private:
  std::string path_;
  std::optional<std::string> name_;
  std::optional<std::string> type_;
  bool json_ = false;
};

}  // namespace

extern const CommandEntry kCommand_import;
const CommandEntry kCommand_import = {"import", "pack a model into the store",
                                      MakeCommand<ImportCommand>};

}  // namespace ledge
