// One request of one API, from its JSON to the bytes of its answer. Knows nothing of sockets: the
// server hands it what the model says, and sends what it appends to `out`.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/api_error.h"
#include "api/ask.h"

namespace ledge {

class Exchange {
 public:
  virtual ~Exchange() = default;

  std::string model;      // as the client wrote it
  std::vector<Ask> asks;  // one a choice; the server takes them
  bool stream = false;
  // How long the model stays in memory afterwards, where the client says so: "5m", "0", "-1".
  std::string keep_alive;

  virtual std::string_view ContentType() const {
    return stream ? "text/event-stream" : "application/json";
  }
  // All of them are called in this order, on one thread. While streaming they append pieces of the
  // answer; otherwise nothing, but for the last, which appends the whole body.
  virtual void OnStarted(size_t choice, const AskStarted& started, std::string& out) = 0;
  virtual void OnPiece(size_t choice, const AskPiece& piece, std::string& out) = 0;
  virtual void OnEnd(size_t choice, const AskEnd& end, std::string& out) = 0;
  virtual void OnAllEnded(std::string& out) = 0;

  // Instead of a body, when nothing was sent yet; and at the end of a stream that has begun.
  virtual std::string ErrorAnswer(const ApiError& error) const = 0;
  virtual std::string ErrorPiece(const ApiError& error) const = 0;
};

// What the front knows of a request beside its body.
struct ApiContext {
  std::string_view body;
  std::string id;             // of the request, unique while the server runs
  int64_t unix_seconds = 0;   // now
  std::string_view now_text;  // RFC 3339, for Ollama
};

struct ExchangeEntry {
  std::string_view path;  // POST alone
  ApiResult<std::unique_ptr<Exchange>> (*parse)(const ApiContext& context);
};

// One file of api/endpoints/ each (cmake/registry.cmake).
std::span<const ExchangeEntry* const> AllExchanges();

}  // namespace ledge
