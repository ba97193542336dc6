// A blocking HTTP client over TCP or a Unix socket, for commands that talk to a server, by libcurl.
// No TLS.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace ledge {

struct ServerAddress {
  std::string socket_path;  // a Unix socket, or
  std::string host;
  uint16_t port = 0;
  std::string ToString() const;
};
// "http://host:port", "host:port" or a path. kUsage for anything else, https included.
Result<ServerAddress> ParseServerAddress(const std::string& text);

struct ClientReply {
  int status = 0;
  std::string body;  // empty where a callback took it
};

// One connection, made anew when the server has closed it. Used by one thread.
class HttpClient {
 public:
  using OnData = std::function<void(std::string_view)>;
  using Stopped = std::function<bool()>;

  explicit HttpClient(ServerAddress address, std::string api_key = {});
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;

  std::string address() const;
  // How long it waits for bytes of an answer; zero: for as long as it takes.
  void WaitAtMost(std::chrono::milliseconds patience);
  // Asked several times a second while it waits; true ends the request, and the connection, with
  // kInterrupted.
  void StopWhen(Stopped stopped);

  // kUnreachable if nobody answers, or the answer breaks off. `on_data` hears of the body's bytes
  // as they come.
  Result<ClientReply> Request(std::string_view method, std::string_view path, std::string body = {},
                              const OnData& on_data = nullptr);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ledge
