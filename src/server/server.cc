#include "server/server.h"

#include <fmt/format.h>
#include <signal.h>

#include "base/units.h"
#include "server/asio_loop.h"
#include "server/front.h"
#include "server/net/http_server.h"
#include "server/net/tls.h"
#include "server/notify.h"
#include "server/settings.h"

namespace ledge {
namespace {

// All of the server's parts; they die in reverse order.
class Server {
 public:
  Server(Os& os, ServerOptions options, Store store)
      : os_(os),
        options_(std::move(options)),
        log_(os, options_.quiet),
        index_(os, std::move(store)) {}

  Result<void> Run(const std::function<void(std::string_view)>& inform);

 private:
  Result<void> CheckExposure(const Keys& keys) const;
  Result<Keys> ReadKeys() const;
  Result<void> Listen(const std::function<void(std::string_view)>& inform);
  void OnSignal(int number);
  void Reload();
  void Drain();
  void WaitForDrain(std::chrono::nanoseconds deadline);
  void Watch();
  void TearDown();

  Os& os_;
  ServerOptions options_;
  AsioLoop loop_;
  Log log_;
  ModelIndex index_;
  std::optional<Residency> residency_;
  std::optional<Front> front_;
  std::optional<HttpServer> http_;
  Result<void> outcome_;
  std::unique_ptr<LoopHandle> signals_;
  std::unique_ptr<LoopHandle> drain_;
  std::unique_ptr<LoopHandle> watchdog_;
};

Result<Keys> Server::ReadKeys() const {
  if (options_.api_key_file.empty()) return Keys();
  return Keys::Read(os_, options_.api_key_file);
}

Result<void> Server::CheckExposure(const Keys& keys) const {
  LEDGE_TRY(const HostPort address, ParseHostPort(options_.listen));
  if (IsLoopbackHost(address.host) || !keys.empty() || options_.insecure) return {};
  return MakeError(
      Code::kUsage,
      "--listen {} is beyond this machine and there are no API keys; give --api-key-file, "
      "or --insecure if everybody may use it",
      options_.listen);
}

Result<void> Server::Listen(const std::function<void(std::string_view)>& inform) {
  if (!options_.tls_cert.empty() || !options_.tls_key.empty()) {
    if (options_.tls_cert.empty() || options_.tls_key.empty())
      return MakeError(Code::kUsage, "--tls-cert and --tls-key belong together; give both");
    LEDGE_TRY(auto tls, LoadTls(options_.tls_cert, options_.tls_key));
    http_->SetTls(std::move(tls));
  }
  LEDGE_TRY(const std::string address, http_->Listen(options_.listen));
  if (!options_.unix_socket.empty()) {
    if (auto local = http_->ListenUnix(options_.unix_socket); !local.ok())
      log_.Warn("event=no_socket reason=\"" + local.error().message + "\"");
  }
  inform(fmt::format("ledge: listening on {}://{}", options_.tls_cert.empty() ? "http" : "https",
                     address));
  return {};
}

Result<void> Server::Run(const std::function<void(std::string_view)>& inform) {
  LEDGE_TRY(Keys keys, ReadKeys());
  LEDGE_CHECK_OK(CheckExposure(keys));
  ResidencyOptions residency = options_.residency;
  for (const std::string& reference : options_.models) {
    LEDGE_TRY(const ServedModel model, index_.Add(reference));
    residency.pinned.push_back(model.name);
  }
  residency_.emplace(os_, loop_, index_, residency, [this](std::string_view line, bool warning) {
    warning ? log_.Warn(line) : log_.Info(line);
  });
  LEDGE_TRY(const HostPort address, ParseHostPort(options_.listen));
  front_.emplace(os_, loop_, *residency_, index_, log_,
                 FrontOptions{.allowed_origins = options_.allowed_origins,
                              .loopback_only = IsLoopbackHost(address.host),
                              .version = options_.version,
                              .settings = Dump(SettingsJson(options_))});
  front_->SetKeys(std::move(keys));
  http_.emplace(
      loop_, options_.limits,
      HttpHandlers{.on_head = [this](HttpRequest& head,
                                     bool& authorised) { return front_->Judge(head, authorised); },
                   .on_request =
                       [this](HttpRequest request, std::shared_ptr<Responder> responder) {
                         front_->Answer(std::move(request), std::move(responder));
                       },
                   .on_problem =
                       [this](int status, const std::string& message, const std::string& path) {
                         return front_->Problem(status, message, path);
                       }});
  LEDGE_CHECK_OK(Listen(inform));
  signals_ = loop_.OnSignals({SIGTERM, SIGINT, SIGHUP}, [this](int number) { OnSignal(number); });
  residency_->LoadPinned([this](Result<void> loaded) {
    if (loaded.ok()) {
      log_.Info("event=ready");
      return NotifySystemd("READY=1");
    }
    outcome_ = std::move(loaded).error();
    loop_.Stop();
  });
  Watch();
  loop_.Run();
  TearDown();
  return outcome_;
}

// In an order in which what was posted to the loop still finds what it speaks of.
void Server::TearDown() {
  http_->CloseAll();
  drain_.reset();
  watchdog_.reset();
  signals_.reset();
  loop_.RunReady();
  front_.reset();
  residency_.reset();
  http_.reset();
  loop_.RunReady();
}

void Server::Watch() {
  const auto every = WatchdogInterval();
  if (every.count() == 0) return;
  NotifySystemd("WATCHDOG=1");
  watchdog_ = loop_.After(every / 2, [this] { Watch(); });
}

void Server::OnSignal(int number) {
  if (number == SIGHUP) return Reload();
  if (front_->draining()) return loop_.Stop();  // asked a second time
  Drain();
}

// Keys and certificates anew; what can't be read leaves the old ones in force.
void Server::Reload() {
  if (auto keys = ReadKeys(); keys.ok()) {
    log_.Info(fmt::format("event=reloaded keys={}", keys->size()));
    front_->SetKeys(*std::move(keys));
  } else {
    log_.Warn("event=reload_failed reason=\"" + keys.error().message + "\"");
  }
  if (options_.tls_cert.empty()) return;
  auto tls = LoadTls(options_.tls_cert, options_.tls_key);
  if (tls.ok()) return http_->SetTls(*std::move(tls));
  log_.Warn("event=reload_failed reason=\"" + tls.error().message + "\"");
}

void Server::Drain() {
  log_.Info("event=draining");
  NotifySystemd("STOPPING=1");
  front_->Drain();
  http_->Drain();
  WaitForDrain(os_.MonotonicNow() + options_.drain);
}

void Server::WaitForDrain(std::chrono::nanoseconds deadline) {
  // Idle connections are gone; what is left is being answered.
  if (http_->connections() == 0 || os_.MonotonicNow() >= deadline) return loop_.Stop();
  drain_ = loop_.After(std::chrono::milliseconds(20), [this, deadline] { WaitForDrain(deadline); });
}

}  // namespace

Result<void> Serve(Os& os, ServerOptions options,
                   const std::function<void(std::string_view)>& inform) {
  LEDGE_TRY(Store store, Store::Open(os, options.home));
  Server server(os, std::move(options), std::move(store));
  return server.Run(inform);
}

}  // namespace ledge
