#include "cli/client/server_option.h"

#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "api/json.h"

namespace ledge {
namespace {

constexpr const char* kHomeSocket = "/run/ledge.sock";
constexpr const char* kMachineSocket = "/run/ledge/ledge.sock";
constexpr uint16_t kPort = 11434;
// A server that is busy still says at once what it has.
constexpr std::chrono::milliseconds kPatience{1000};

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

// Whether it is a ledge that serves this model. (Others speak parts of the same APIs, too.)
bool Serves(HttpClient& client, const std::string& model) {
  client.WaitAtMost(kPatience);
  const auto ledge = client.Request("GET", "/ledge/v1/models");
  if (!ledge.ok() || ledge->status != 200) return false;
  const auto found = client.Request("GET", "/v1/models/" + model);
  client.WaitAtMost({});
  return found.ok() && found->status == 200;
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
  for (const std::string& path : {home + kHomeSocket, std::string(kMachineSocket)}) {
    if (!IsSocket(path)) continue;
    HttpClient client(ServerAddress{.socket_path = path}, api_key);
    // A server that was killed leaves its socket behind.
    client.WaitAtMost(kPatience);
    const bool alive = client.Request("GET", "/healthz").ok();
    client.WaitAtMost({});
    if (alive) return client;
  }
  return HttpClient(ServerAddress{.host = "127.0.0.1", .port = kPort}, api_key);
}

std::optional<HttpClient> ServerOption::FindServing(const Program& program,
                                                    const std::string& model,
                                                    bool stored_here) const {
  std::vector<ServerAddress> addresses;
  if (const auto home = program.Home(); home.ok())
    addresses.push_back({.socket_path = *home + kHomeSocket});
  if (!stored_here) {
    addresses.push_back({.socket_path = kMachineSocket});
    addresses.push_back({.host = "127.0.0.1", .port = kPort});
  }
  for (const ServerAddress& address : addresses) {
    if (!address.socket_path.empty() && !IsSocket(address.socket_path)) continue;
    HttpClient client(address, api_key);
    if (Serves(client, model)) return client;
  }
  return std::nullopt;
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
