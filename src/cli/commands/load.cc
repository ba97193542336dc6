// ledge load: bring a model into memory on the running server.
#include <nlohmann/json.hpp>

#include "cli/client/model_request.h"
#include "cli/command.h"

namespace ledge {
namespace {

class LoadCommand : public Command {
 public:
  void Declare(Options& options) override {
    request_.Declare(options);
    options.Examples("  ledge load smollm2");
  }

  Result<void> Run(Program& program) override {
    return request_.Send(program, "/ledge/v1/load",
                         [](const nlohmann::ordered_json&, const std::string& name) {
                           return name + " is in memory";
                         });
  }

 private:
  ModelRequest request_;
};

}  // namespace

extern const CommandEntry kCommand_load;
const CommandEntry kCommand_load = {"load", "bring a model into memory on the running server",
                                    MakeCommand<LoadCommand>};

}  // namespace ledge
