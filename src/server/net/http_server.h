// Listens, and turns connections into requests and answers within the limits.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "server/http/limits.h"
#include "server/http/message.h"

namespace ledge {

class AsioLoop;
class TlsContext;

struct HttpHandlers {
  // Judges a request by its head, before its body is read: the answer of a refusal, or nothing. May
  // fill in `client`. `authorised`: it had a key, so the address's share of connections is not
  // counted.
  std::function<std::optional<HttpReply>(HttpRequest& head, bool& authorised)> on_head;
  std::function<void(HttpRequest request, std::shared_ptr<Responder> responder)> on_request;
  // The answer to what is no request, or a broken one; `path` may be empty.
  std::function<HttpReply(int status, const std::string& message, const std::string& path)>
      on_problem;
};

class HttpServer {
 public:
  HttpServer(AsioLoop& loop, HttpLimits limits, HttpHandlers handlers);
  ~HttpServer();

  // "127.0.0.1:11434", "[::1]:0", "localhost:80". The address that is listened on, with its real
  // port. kUsage for what is no address, kUnreachable where it can't be had ("in use").
  Result<std::string> Listen(const std::string& address);
  // A Unix socket; one that nobody listens on any more is replaced.
  Result<void> ListenUnix(const std::string& path);
  // For connections to come; null: plain.
  void SetTls(std::shared_ptr<TlsContext> tls);
  // Takes no more connections, ends idle ones; the others after their answer.
  void Drain();
  // Ends everything.
  void CloseAll();
  size_t connections() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

// Splits "HOST:PORT"; kUsage for anything else.
struct HostPort {
  std::string host;  // without brackets
  uint16_t port = 0;
};
Result<HostPort> ParseHostPort(const std::string& text);
// Whether a host names this machine alone: localhost, 127.x.x.x, ::1.
bool IsLoopbackHost(std::string_view host);

}  // namespace ledge
