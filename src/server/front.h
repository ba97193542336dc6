// The front: judges requests by their heads (host, origin, key), routes them, and answers.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "api/exchange.h"
#include "os/event_loop.h"
#include "residency/residency.h"
#include "server/cors.h"
#include "server/endpoint.h"
#include "server/http/message.h"
#include "server/keys.h"
#include "server/log.h"
#include "server/metrics.h"

namespace ledge {

// Of each answer of a model, beside what the log tells of it.
inline constexpr const char* kRequestIdHeader = "X-Request-Id";

struct FrontOptions {
  std::vector<std::string> allowed_origins;
  bool loopback_only = true;  // then a foreign Host is refused
  std::string version;
  std::string settings;  // JSON, settings.h's
};

class ExchangeRun;

class Front {
 public:
  Front(Os& os, EventLoop& loop, Residency& residency, ModelIndex& index, Log& log,
        FrontOptions options);
  ~Front();

  void SetKeys(Keys keys) { keys_ = std::move(keys); }

  // HttpHandlers' three.
  std::optional<HttpReply> Judge(HttpRequest& head, bool& authorised);
  void Answer(HttpRequest request, std::shared_ptr<Responder> responder);
  HttpReply Problem(int status, const std::string& message, const std::string& path) const;

  // From now on requests that a model would answer are refused; those under way go on.
  void Drain() { draining_ = true; }
  bool draining() const { return draining_; }

  Os& os() { return os_; }
  EventLoop& loop() { return loop_; }
  Residency& residency() { return residency_; }
  ModelIndex& index() { return index_; }
  Metrics& metrics() { return metrics_; }
  const FrontOptions& options() const { return options_; }
  std::chrono::nanoseconds uptime() { return os_.MonotonicNow() - started_; }

  static HttpReply JsonReply(int status, std::string body);
  static HttpReply ErrorReply(ApiStyle style, const ApiError& error);

 private:
  friend class ExchangeRun;
  std::optional<ApiError> CheckHost(const HttpRequest& head) const;
  std::optional<ApiError> CheckOrigin(const HttpRequest& head, bool changes_state) const;
  std::optional<ApiError> CheckKey(HttpRequest& head, bool open, bool& authorised) const;
  void RunExchange(const ExchangeEntry& entry, HttpRequest request,
                   std::shared_ptr<Responder> responder);
  void Forget(ExchangeRun* run);
  std::string NextId();

  Os& os_;
  EventLoop& loop_;
  Residency& residency_;
  ModelIndex& index_;
  Log& log_;
  FrontOptions options_;
  Cors cors_;
  Keys keys_;
  Metrics metrics_;
  bool draining_ = false;
  std::chrono::nanoseconds started_{0};
  std::string id_prefix_;
  uint64_t next_id_ = 0;
  std::map<ExchangeRun*, std::shared_ptr<ExchangeRun>> runs_;
};

}  // namespace ledge
