// ledge load: bring a model into memory on the running server.
#include <nlohmann/json.hpp>

#include "cli/client/server_option.h"
#include "cli/command.h"

namespace ledge {
namespace {

using Json = nlohmann::ordered_json;

class LoadCommand : public Command {
 public:
  void Declare(Options& options) override {
    options.Argument("NAME", name_, "a name from 'ledge list'");
    server_.Declare(options);
    options.Flag("--json", json_, "the server's own document");
    options.Examples("  ledge load smollm2");
  }

  Result<void> Run(Program& program) override {
    program.json = json_;
    LEDGE_TRY(HttpClient client, server_.Connect(program));
    const Json body = {{"model", name_}};
    LEDGE_TRY(const Json done, AskServer(client, "POST", "/ledge/v1/load", &body));
    if (json_) {
      program.PrintJson(done);
      return {};
    }
    const std::string name = done.is_object() ? done.value("name", name_) : name_;
    program.Print((name + " is in memory") + "\n");
    return {};
  }

 private:
  ServerOption server_;
  std::string name_;
  bool json_ = false;
};

}  // namespace

extern const CommandEntry kCommand_load;
const CommandEntry kCommand_load = {"load", "bring a model into memory on the running server",
                                    MakeCommand<LoadCommand>};

}  // namespace ledge
