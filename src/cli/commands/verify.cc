// ledge verify: reads stored models whole and compares them with what was packed.
#include <nlohmann/json.hpp>

#include "cli/command.h"
#include "cli/long_work.h"
#include "cli/model_argument.h"
#include "store/import.h"

namespace ledge {
namespace {

class VerifyCommand : public Command {
 public:
  void Declare(Options& options) override {
    options.OptionalArgument("NAME", name_, "a name from 'ledge list'; all of them if left out");
    options.Flag("--json", json_, "[{\"name\",\"ok\",\"problem\"}]");
    options.Examples("  ledge verify            every model in the store\n  ledge verify smollm2");
  }

  Result<void> Run(Program& program) override {
    program.json = json_;
    LEDGE_TRY(const Store store, OpenStore(program));
    LEDGE_TRY(const std::vector<ModelName> names, Names(program, store));
    auto rows = nlohmann::ordered_json::array();
    std::optional<Error> first;
    for (const ModelName& name : names) {
      auto done = VerifyOne(program, store, name);
      if (!done.ok() && done.error().code == Code::kInterrupted) return std::move(done).error();
      rows.push_back({{"name", name.ToString()}, {"ok", done.ok()}});
      if (!done.ok()) rows.back()["problem"] = done.error().message;
      if (!done.ok() && !first) first = done.error();
      if (!json_)
        program.Print(fmt::format("{}  {}\n", name.ToString(), done.ok() ? "ok" : "DAMAGED"));
    }
    if (first) return *first;
    if (json_) program.PrintJson(rows);
    return {};
  }

 private:
  Result<std::vector<ModelName>> Names(Program& program, const Store& store) const {
    std::vector<ModelName> names;
    if (name_) {
      LEDGE_TRY(const Manifest manifest, FindModel(program, store, {.model = *name_}));
      names.push_back(manifest.name);
      return names;
    }
    LEDGE_TRY(const Listing listing, store.List());
    for (const Manifest& manifest : listing.models) names.push_back(manifest.name);
    for (const auto& [name, problem] : listing.damaged) names.push_back(name);
    return names;
  }

  static Result<void> VerifyOne(Program& program, const Store& store, const ModelName& name) {
    LongWork work(program);
    return VerifyStored(program.os(), store, name, work.Show("verifying " + name.ToString()));
  }

  std::optional<std::string> name_;
  bool json_ = false;
};

}  // namespace

extern const CommandEntry kCommand_verify;
const CommandEntry kCommand_verify = {"verify", "check that stored models are what was packed",
                                      MakeCommand<VerifyCommand>};

}  // namespace ledge
