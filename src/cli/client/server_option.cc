#include "cli/client/server_option.h"

#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "api/json.h"

namespace ledge {
namespace {

bool IsSocket(const std::string& path) {
  struct stat status{};
  return stat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode);
}

Code CodeOfStatus(int status) {
  if (status == 404) return Code::kNotFound;
  if (status == 507 || status == 503 || status == 429) return Code::kOverBudget;
  if (status == 401 || status == 403) return Code::kVerification;
  return status == 400 ? Code::kUsage : Code::kInternal;
}

}  // namespace

void ServerOption::Declare(Options& options) {
  DeclareFor(options, "URL or socket of the server; else the one of this store, else port 11434");
}

void ServerOption::DeclareFor(Options& options, const std::string& help) {
  options.Text("--server", server, help);
  options.Text("--api-key", api_key, "for a server that wants one");
}

Result<HttpClient> ServerOption::Connect(const Program& program) const {
  if (!server.empty()) {
    LEDGE_TRY(ServerAddress address, ParseServerAddress(server));
    return HttpClient(std::move(address), api_key);
  }
  LEDGE_TRY(const std::string home, program.Home());
  for (const std::string& path : {home + "/run/ledge.sock", std::string("/run/ledge/ledge.sock")}) {
    if (!IsSocket(path)) continue;
    HttpClient client(ServerAddress{.socket_path = path}, api_key);
    // A server that was killed leaves its socket behind.
    if (client.Request("GET", "/healthz").ok()) return client;
  }
  return HttpClient(ServerAddress{.host = "127.0.0.1", .port = 11434}, api_key);
}

Error RefusalOf(int status, std::string_view body) {
  const Json json = Json::parse(body, nullptr, false);
  std::string message = "no reason given";
  if (json.is_object() && json.contains("error")) {
    const Json& error = json["error"];
    if (error.is_object() && error.contains("message") && error["message"].is_string())
      message = error["message"].get<std::string>();
  }
  return MakeError(CodeOfStatus(status), "the server refused ({}): {}", status, message);
}

Result<Json> AskServer(HttpClient& client, std::string_view method, std::string_view path,
                       const Json* body) {
  // A name from the command line may be no UTF-8; no model has such a name.
  std::string text;
  if (body != nullptr) text = body->dump(-1, ' ', false, Json::error_handler_t::replace);
  LEDGE_TRY(const ClientReply reply, client.Request(method, path, std::move(text)));
  Json json = Json::parse(reply.body, nullptr, false);
  if (reply.status == 200 && !json.is_discarded()) return json;
  return RefusalOf(reply.status, reply.body);
}

}  // namespace ledge
