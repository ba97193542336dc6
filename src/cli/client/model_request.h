// A command that asks the running server to do something with one model: load, unload.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/client/server_option.h"

namespace ledge {

class ModelRequest {
 public:
  // NAME, --server, --json.
  void Declare(Options& options);
  // POSTs {"model": NAME} to `path` and prints the answer, with --json as it is, else what `tell`
  // makes of it and the model's name. kMalformed for an answer that 'ledge serve' would not give.
  Result<void> Send(Program& program, std::string_view path,
                    const std::function<std::string(const nlohmann::ordered_json& done,
                                                    const std::string& name)>& tell) const;

 private:
  ServerOption server_;
  std::string name_;
  bool json_ = false;
};

}  // namespace ledge
