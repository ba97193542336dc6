#include "cli/client/model_request.h"

#include <nlohmann/json.hpp>

#include "api/json.h"

namespace ledge {

void ModelRequest::Declare(Options& options) {
  options.Argument("NAME", name_, "a name from 'ledge list'");
  server_.Declare(options);
  options.Flag("--json", json_, "the server's own document");
}

Result<void> ModelRequest::Send(
    Program& program, std::string_view path,
    const std::function<std::string(const Json& done, const std::string& name)>& tell) const {
  program.json = json_;
  LEDGE_TRY(HttpClient client, server_.Connect(program));
  const Json body = {{"model", name_}};
  LEDGE_TRY(const Json done, AskServer(client, "POST", path, &body));
  if (json_) {
    program.PrintJson(done);
    return {};
  }
  try {
    const std::string name = done.is_object() ? done.value("name", name_) : name_;
    program.Print(tell(done, name) + "\n");
    return {};
  } catch (const nlohmann::json::exception&) {
    return MakeError(Code::kMalformed, "the server's answer is not what 'ledge serve' gives");
  }
}

}  // namespace ledge
