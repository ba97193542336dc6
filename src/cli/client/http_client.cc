#include "cli/client/http_client.h"

#include <fmt/format.h>
#include <poll.h>

#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cerrno>
#include <charconv>
#include <optional>

namespace ledge {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using Socket = asio::generic::stream_protocol::socket;

namespace {

constexpr uint64_t kMaxAnswerBytes = 256 << 20;
constexpr std::chrono::milliseconds kLookEvery{100};

}  // namespace

std::string ServerAddress::ToString() const {
  return socket_path.empty() ? fmt::format("http://{}:{}", host, port) : socket_path;
}

Result<ServerAddress> ParseServerAddress(const std::string& text) {
  const auto bad = [&](std::string_view why) {
    return MakeError(Code::kUsage,
                     "server '{}' {}; must be http://HOST:PORT or the path of a socket",
                     PrintableLine(text, 100), why);
  };
  if (text.starts_with("https://")) return bad("speaks TLS, which this command doesn't");
  if (text.starts_with('/') || text.starts_with("./")) return ServerAddress{.socket_path = text};
  std::string rest = text.starts_with("http://") ? text.substr(7) : text;
  rest = rest.substr(0, rest.find('/'));
  const size_t colon = rest.rfind(':');
  ServerAddress address{.host = rest.substr(0, colon), .port = 80};
  if (colon != rest.npos) {
    const char* end = rest.data() + rest.size();
    const auto [at, problem] = std::from_chars(rest.data() + colon + 1, end, address.port);
    if (problem != std::errc() || at != end) return bad("has no port that is a number");
  }
  if (address.host.starts_with('[') && address.host.ends_with(']'))
    address.host = address.host.substr(1, address.host.size() - 2);
  if (address.host.empty()) return bad("names no host");
  return address;
}

struct HttpClient::Impl {
  ServerAddress address;
  std::string api_key;
  asio::io_context context;
  std::optional<Socket> socket;
  std::chrono::milliseconds patience{0};
  Stopped stopped;

  Result<void> Connect();
  Result<void> WaitForBytes();
  Result<ClientReply> Try(const std::string& head, const std::string& body, const OnData& on_data,
                          bool& nothing_came);
};

Result<void> HttpClient::Impl::Connect() {
  error_code failed;
  if (!address.socket_path.empty()) {
    asio::local::stream_protocol::socket local(context);
    local.connect(asio::local::stream_protocol::endpoint(address.socket_path), failed);
    if (!failed) socket.emplace(std::move(local));
  } else {
    asio::ip::tcp::resolver resolver(context);
    const auto found = resolver.resolve(address.host, std::to_string(address.port), failed);
    asio::ip::tcp::socket tcp(context);
    if (!failed) asio::connect(tcp, found, failed);
    if (!failed) {
      tcp.set_option(asio::ip::tcp::no_delay(true), failed);
      socket.emplace(std::move(tcp));
    }
  }
  if (socket) return {};
  return MakeError(Code::kUnreachable,
                   "no server at {}: {}; 'ledge serve' starts one, --server names it",
                   address.ToString(), failed.message());
}

// Returns when there is something to read, be it the end.
Result<void> HttpClient::Impl::WaitForBytes() {
  const auto began = std::chrono::steady_clock::now();
  while (true) {
    pollfd waited{.fd = socket->native_handle(), .events = POLLIN, .revents = 0};
    const int ready = poll(&waited, 1, static_cast<int>(kLookEvery.count()));
    if (stopped && stopped()) {
      socket.reset();
      return MakeError(Code::kInterrupted, "interrupted");
    }
    if (ready > 0 || (ready < 0 && errno != EINTR)) return {};
    if (patience.count() > 0 && std::chrono::steady_clock::now() - began >= patience) {
      socket.reset();
      return MakeError(Code::kUnreachable, "{}: no answer within {} ms", address.ToString(),
                       patience.count());
    }
  }
}

Result<ClientReply> HttpClient::Impl::Try(const std::string& head, const std::string& body,
                                          const OnData& on_data, bool& nothing_came) {
  const auto broken = [&](const error_code& failed) {
    socket.reset();
    return MakeError(Code::kUnreachable, "{}: the answer broke off: {}", address.ToString(),
                     failed.message());
  };
  error_code failed;
  asio::write(*socket, std::array{asio::buffer(head), asio::buffer(body)}, failed);
  if (failed) return broken(failed);
  http::response_parser<http::string_body> parser;
  parser.body_limit(kMaxAnswerBytes);
  parser.eager(true);
  std::array<char, 65536> buffer{};
  std::string held;
  while (!parser.is_done()) {
    LEDGE_CHECK_OK(WaitForBytes());
    const size_t got = socket->read_some(asio::buffer(buffer), failed);
    if (failed == asio::error::eof && !nothing_came) {
      parser.put_eof(failed);
      if (parser.is_done()) break;
    }
    if (failed) return broken(failed);
    nothing_came = false;
    held.append(buffer.data(), got);
    while (!held.empty() && !parser.is_done()) {
      error_code parsed;
      const size_t used = parser.put(asio::buffer(held), parsed);
      held.erase(0, used);
      if (parsed == http::error::need_more || (!parsed && used == 0)) break;
      if (parsed) return broken(parsed);
    }
    std::string& bytes = parser.get().body();
    if (on_data && !bytes.empty()) {
      on_data(bytes);
      bytes.clear();
    }
  }
  if (!parser.get().keep_alive()) socket.reset();
  return ClientReply{.status = static_cast<int>(parser.get().result_int()),
                     .body = std::move(parser.get().body())};
}

HttpClient::HttpClient(ServerAddress address, std::string api_key)
    : impl_(std::make_unique<Impl>()) {
  impl_->address = std::move(address);
  impl_->api_key = std::move(api_key);
}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;

std::string HttpClient::address() const { return impl_->address.ToString(); }
void HttpClient::WaitAtMost(std::chrono::milliseconds patience) { impl_->patience = patience; }
void HttpClient::StopWhen(Stopped stopped) { impl_->stopped = std::move(stopped); }

Result<ClientReply> HttpClient::Request(std::string_view method, std::string_view path,
                                        std::string body, const OnData& on_data) {
  const std::string host =
      impl_->address.socket_path.empty() ? impl_->address.host : std::string("localhost");
  std::string head = fmt::format(
      "{} {} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n"
      "Content-Length: {}\r\n",
      method, path, host, body.size());
  if (!impl_->api_key.empty()) head += "Authorization: Bearer " + impl_->api_key + "\r\n";
  head += "\r\n";
  const bool reused = impl_->socket.has_value();
  if (!reused) LEDGE_CHECK_OK(impl_->Connect());
  bool nothing_came = true;
  auto reply = impl_->Try(head, body, on_data, nothing_came);
  const bool interrupted = !reply.ok() && reply.error().code == Code::kInterrupted;
  if (reply.ok() || !reused || !nothing_came || interrupted) return reply;
  // The server had closed the idle connection.
  LEDGE_CHECK_OK(impl_->Connect());
  return impl_->Try(head, body, on_data, nothing_came);
}

}  // namespace ledge
