// ledge unload: take a model out of memory on the running server.
#include <nlohmann/json.hpp>

#include "cli/client/model_request.h"
#include "cli/command.h"

namespace ledge {
namespace {

class UnloadCommand : public Command {
 public:
  void Declare(Options& options) override {
    request_.Declare(options);
    options.Examples("  ledge unload smollm2");
  }

  Result<void> Run(Program& program) override {
    return request_.Send(program, "/ledge/v1/unload",
                         [](const nlohmann::ordered_json& done, const std::string& name) {
                           const bool left = done.value("unloaded", false);
                           return name + (left ? " left the memory" : " was not in memory");
                         });
  }

 private:
  ModelRequest request_;
};

}  // namespace

extern const CommandEntry kCommand_unload;
const CommandEntry kCommand_unload = {"unload", "take a model out of memory on the running server",
                                      MakeCommand<UnloadCommand>};

}  // namespace ledge
