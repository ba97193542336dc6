// How commands find the server that runs: --server, else a socket where one would be, else port
// 11434.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "cli/client/http_client.h"
#include "cli/options.h"
#include "cli/program.h"

namespace ledge {

struct ServerOption {
  std::string server;
  std::string api_key;
  void Declare(Options& options);
  // The same where a server is only one way to do it.
  void DeclareFor(Options& options, const std::string& help);
  Result<HttpClient> Connect(const Program& program) const;
  // A server that runs and has this model, where none is named: the one of this store, at its
  // socket. Where this store has no such model, also the machine's, at its socket or at port 11434.
  // One that doesn't answer at once, that is no ledge, or that wants another key is none.
  std::optional<HttpClient> FindServing(const Program& program, const std::string& model,
                                        bool stored_here) const;
};

// What a status other than 200 means here, with the words of its body.
Error RefusalOf(int status, std::string_view body);

// A JSON answer; the server's own error becomes one of ours, by its status.
Result<nlohmann::ordered_json> AskServer(HttpClient& client, std::string_view method,
                                         std::string_view path, const nlohmann::ordered_json* body);

}  // namespace ledge
