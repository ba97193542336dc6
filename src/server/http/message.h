// HTTP requests and answers as the rest of the server sees them: no sockets, no library's types.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ledge {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method;
  std::string path;   // percent-decoded, without the query
  std::string query;  // as it came
  HttpHeaders headers;
  std::string body;
  std::string peer;            // "127.0.0.1", "::1", or "unix:<uid>"
  bool peer_is_local = false;  // loopback or a Unix socket
  bool peer_is_unix = false;
  std::string client;  // filled in by the front: whose request it is

  // The header's value, by any spelling of its name; empty if it isn't there.
  std::string_view Header(std::string_view name) const;
  bool Has(std::string_view name) const;
};

struct HttpReply {
  int status = 200;
  HttpHeaders headers;  // but for Content-Length, Date and Connection
  std::string body;
};

// Answers one request, either by Send or by BeginStream, Write and End. On the loop's thread. Calls
// after the client has gone do nothing.
class Responder {
 public:
  virtual ~Responder() = default;
  virtual void Send(HttpReply reply) = 0;
  virtual void BeginStream(int status, HttpHeaders headers) = 0;
  virtual void Write(std::string bytes) = 0;
  virtual void End() = 0;
  // Called once if the client goes away before the answer is complete.
  std::function<void()> on_gone;
};

std::string_view ReasonPhrase(int status);
// Whether two names or tokens are the same but for ASCII capitals.
bool SameToken(std::string_view a, std::string_view b);

}  // namespace ledge
