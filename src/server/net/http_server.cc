#include "server/net/http_server.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <charconv>
#include <map>
#include <set>

#include "server/asio_loop.h"
#include "server/net/connection.h"
#include "server/net/who_listens.h"

namespace ledge {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using LocalProtocol = asio::local::stream_protocol;

struct HttpServer::Impl : std::enable_shared_from_this<HttpServer::Impl> {
  Impl(AsioLoop& l, HttpLimits limits, HttpHandlers handlers) : loop(l) {
    state->limits = limits;
    state->handlers = std::move(handlers);
  }

  AsioLoop& loop;
  std::shared_ptr<ServerState> state = std::make_shared<ServerState>();
  std::vector<std::unique_ptr<tcp::acceptor>> acceptors;
  std::vector<std::unique_ptr<LocalProtocol::acceptor>> local_acceptors;
  std::vector<std::string> local_paths;
  std::shared_ptr<TlsContext> tls;
  std::map<Connection*, std::shared_ptr<Connection>> open;
  bool closing = false;

  template <typename Acceptor>
  void Accept(Acceptor& acceptor);
  void Add(AsioSocket socket, Peer peer, bool with_tls);
  size_t FromAddress(const std::string& address) const;
  bool MakeRoom();
};

template <typename Acceptor>
void HttpServer::Impl::Accept(Acceptor& acceptor) {
  acceptor.async_accept([self = shared_from_this(), &acceptor](error_code failed, auto socket) {
    if (self->closing) return;
    if (!failed) {
      Peer peer;
      if constexpr (std::is_same_v<decltype(socket), tcp::socket>) {
        error_code ignored;
        const auto remote = socket.remote_endpoint(ignored).address();
        peer.address = remote.to_string();
        peer.is_local =
            remote.is_loopback() ||
            (remote.is_v6() && remote.to_v6().is_v4_mapped() &&
             asio::ip::make_address_v4(asio::ip::v4_mapped, remote.to_v6()).is_loopback());
        socket.set_option(tcp::no_delay(true), ignored);
        self->Add(AsioSocket(std::move(socket)), std::move(peer), true);
      } else {
        ucred credentials{};
        socklen_t size = sizeof(credentials);
        getsockopt(socket.native_handle(), SOL_SOCKET, SO_PEERCRED, &credentials, &size);
        peer.address = fmt::format("unix:{}", credentials.uid);
        peer.is_local = true;
        peer.is_unix = true;
        self->Add(AsioSocket(std::move(socket)), std::move(peer), false);
      }
      return self->Accept(acceptor);
    }
    if (failed == asio::error::operation_aborted) return;
    // Out of descriptors, or the like: a breath, so that it doesn't spin.
    auto timer =
        std::make_shared<asio::steady_timer>(self->loop.context(), std::chrono::milliseconds(50));
    timer->async_wait([self, timer, &acceptor](error_code) {
      if (!self->closing) self->Accept(acceptor);
    });
  });
}

size_t HttpServer::Impl::FromAddress(const std::string& address) const {
  size_t count = 0;
  for (const auto& [raw, connection] : open) {
    if (!connection->authorised() && connection->peer().address == address) ++count;
  }
  return count;
}

// Who has idled longest goes.
bool HttpServer::Impl::MakeRoom() {
  if (open.size() < state->limits.connections) return true;
  std::shared_ptr<Connection> victim;
  for (const auto& [raw, connection] : open) {
    if (!connection->idle()) continue;
    if (victim == nullptr || connection->idle_since() < victim->idle_since()) victim = connection;
  }
  if (victim == nullptr) return false;
  victim->Shut(false);
  return true;
}

void HttpServer::Impl::Add(AsioSocket socket, Peer peer, bool with_tls) {
  const bool room = MakeRoom();
  const bool share =
      peer.is_local || FromAddress(peer.address) < state->limits.connections_per_address;
  auto stream = with_tls && tls != nullptr ? MakeTlsStream(std::move(socket), tls)
                                           : MakePlainStream(std::move(socket));
  const auto connection =
      std::make_shared<Connection>(loop.context(), std::move(stream), std::move(peer), state,
                                   [weak = weak_from_this()](Connection& c) {
                                     if (const auto self = weak.lock()) self->open.erase(&c);
                                   });
  open[connection.get()] = connection;
  if (room && share) return connection->Start();
  if (with_tls && tls != nullptr) return connection->Shut(false);
  connection->Refuse(503, room ? "this address has as many connections as one may have"
                               : "the server has as many connections as it may have");
}

namespace {

std::string AddressText(const tcp::endpoint& endpoint) {
  const std::string host = endpoint.address().to_string();
  return endpoint.address().is_v6() ? fmt::format("[{}]:{}", host, endpoint.port())
                                    : fmt::format("{}:{}", host, endpoint.port());
}

// Says who has it, and which of the next ports is free.
Error InUse(const tcp::endpoint& endpoint) {
  asio::io_context context;
  tcp::endpoint other = endpoint;
  bool free = false;
  for (int i = 1; i <= 20 && !free && endpoint.port() + i <= 65535; ++i) {
    other.port(static_cast<uint16_t>(endpoint.port() + i));
    error_code failed;
    tcp::acceptor probe(context);
    probe.open(other.protocol(), failed);
    probe.bind(other, failed);
    free = !failed;
  }
  if (!free) other.port(0);
  return MakeError(Code::kUnreachable, "--listen {}: {} answers there; --listen {} {}",
                   AddressText(endpoint),
                   WhoListens(endpoint.data(), static_cast<socklen_t>(endpoint.size())),
                   AddressText(other), free ? "is free" : "takes a port that is free");
}

}  // namespace

HttpServer::HttpServer(AsioLoop& loop, HttpLimits limits, HttpHandlers handlers)
    : impl_(std::make_shared<Impl>(loop, limits, std::move(handlers))) {}

HttpServer::~HttpServer() { CloseAll(); }

Result<std::string> HttpServer::Listen(const std::string& address) {
  LEDGE_TRY(const HostPort wanted, ParseHostPort(address));
  error_code failed;
  tcp::resolver resolver(impl_->loop.context());
  const auto found =
      resolver.resolve(wanted.host, std::to_string(wanted.port),
                       tcp::resolver::passive | tcp::resolver::numeric_service, failed);
  if (failed || found.empty())
    return MakeError(Code::kUsage, "--listen {}: no such address; must be HOST:PORT", address);
  const tcp::endpoint endpoint = found.begin()->endpoint();
  auto acceptor = std::make_unique<tcp::acceptor>(impl_->loop.context());
  acceptor->open(endpoint.protocol(), failed);
  acceptor->set_option(tcp::acceptor::reuse_address(true), failed);
  acceptor->bind(endpoint, failed);
  if (!failed) acceptor->listen(512, failed);
  if (failed == asio::error::address_in_use) return InUse(endpoint);
  if (failed) return MakeError(Code::kUnreachable, "--listen {}: {}", address, failed.message());
  const tcp::endpoint real = acceptor->local_endpoint(failed);
  impl_->acceptors.push_back(std::move(acceptor));
  impl_->Accept(*impl_->acceptors.back());
  return AddressText(real);
}

Result<void> HttpServer::ListenUnix(const std::string& path) {
  error_code failed;
  auto acceptor = std::make_unique<LocalProtocol::acceptor>(impl_->loop.context());
  if (path.size() > 100)
    return MakeError(Code::kUsage, "{}: the socket's path is too long; must be at most 100 bytes",
                     path);
  {
    LocalProtocol::socket probe(impl_->loop.context());
    probe.connect(LocalProtocol::endpoint(path), failed);
    if (!failed) return MakeError(Code::kExists, "{}: another server listens there", path);
    unlink(path.c_str());
  }
  acceptor->open(LocalProtocol(), failed);
  const mode_t before = umask(0077);
  acceptor->bind(LocalProtocol::endpoint(path), failed);
  umask(before);
  if (!failed) acceptor->listen(128, failed);
  if (failed) return MakeError(Code::kUnreachable, "{}: {}", path, failed.message());
  impl_->local_acceptors.push_back(std::move(acceptor));
  impl_->local_paths.push_back(path);
  impl_->Accept(*impl_->local_acceptors.back());
  return {};
}

void HttpServer::SetTls(std::shared_ptr<TlsContext> tls) { impl_->tls = std::move(tls); }

void HttpServer::Drain() {
  error_code ignored;
  impl_->closing = true;
  impl_->state->draining = true;
  for (auto& acceptor : impl_->acceptors) acceptor->close(ignored);
  for (auto& acceptor : impl_->local_acceptors) acceptor->close(ignored);
  for (const std::string& path : impl_->local_paths) unlink(path.c_str());
  impl_->local_paths.clear();
  const auto open = impl_->open;
  for (const auto& [raw, connection] : open) connection->Shut(true);
}

void HttpServer::CloseAll() {
  Drain();
  const auto open = impl_->open;
  for (const auto& [raw, connection] : open) connection->Shut(false);
}

size_t HttpServer::connections() const { return impl_->open.size(); }

Result<HostPort> ParseHostPort(const std::string& text) {
  const auto bad = [&] {
    return MakeError(Code::kUsage, "'{}' is no address; must be HOST:PORT, like 127.0.0.1:11434",
                     PrintableLine(text, 80));
  };
  const size_t colon = text.rfind(':');
  if (colon == text.npos) return bad();
  HostPort result{.host = text.substr(0, colon)};
  if (result.host.starts_with('[') && result.host.ends_with(']'))
    result.host = result.host.substr(1, result.host.size() - 2);
  const char* end = text.data() + text.size();
  const auto [at, problem] = std::from_chars(text.data() + colon + 1, end, result.port);
  if (problem != std::errc() || at != end || result.host.empty()) return bad();
  return result;
}

bool IsLoopbackHost(std::string_view host) {
  if (SameToken(host, "localhost") || host.ends_with(".localhost")) return true;
  error_code failed;
  const auto address = asio::ip::make_address(std::string(host), failed);
  return !failed && address.is_loopback();
}

}  // namespace ledge
