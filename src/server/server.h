// The whole server: front, residency, sockets, signals.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "os/os.h"
#include "residency/residency.h"
#include "server/http/limits.h"

namespace ledge {

struct ServerOptions {
  std::string home;
  std::string listen = "127.0.0.1:11434";
  std::string unix_socket;  // empty: none
  std::string api_key_file;
  std::string tls_cert;
  std::string tls_key;
  std::vector<std::string> allowed_origins;
  bool insecure = false;
  bool quiet = false;
  std::vector<std::string> models;  // loaded and pinned
  HttpLimits limits;
  ResidencyOptions residency;
  std::chrono::nanoseconds drain = std::chrono::seconds(10);
  std::string version;
};

// Serves until SIGTERM or SIGINT, then drains. `inform` prints a line for the person who started
// it. Errors: kUnreachable for an address that can't be had, and those of the models to be loaded.
Result<void> Serve(Os& os, ServerOptions options,
                   const std::function<void(std::string_view)>& inform);

}  // namespace ledge
