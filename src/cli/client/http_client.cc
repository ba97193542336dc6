#include "cli/client/http_client.h"

#include <fmt/format.h>

#include <charconv>

#include "load/curl.h"

namespace ledge {
namespace {

using Clock = std::chrono::steady_clock;

constexpr uint64_t kMaxAnswerBytes = 256 << 20;
constexpr std::chrono::milliseconds kLookEvery{100};

// What comes of one request.
struct Received {
  const HttpClient::OnData& on_data;
  std::string body;
  uint64_t bytes = 0;
  Clock::time_point last = Clock::now();

  static size_t OnBytes(char* bytes, size_t size, size_t count, void* self) {
    return static_cast<Received*>(self)->Take({bytes, size * count}) ? size * count : 0;
  }
  bool Take(std::string_view piece) {
    last = Clock::now();
    bytes += piece.size();
    if (bytes > kMaxAnswerBytes) return false;
    if (on_data) {
      on_data(piece);
    } else {
      body += piece;
    }
    return true;
  }
};

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
  CurlList headers;
  CurlEasy handle;  // before `multi`, which has connections of it
  CurlMulti multi{curl_multi_init()};
  std::chrono::milliseconds patience{0};
  Stopped stopped;

  std::string UrlOf(std::string_view path) const {
    if (!address.socket_path.empty()) return fmt::format("http://localhost{}", path);
    const bool v6 = address.host.find(':') != std::string::npos;
    return fmt::format(fmt::runtime(v6 ? "http://[{}]:{}{}" : "http://{}:{}{}"), address.host,
                       address.port, path);
  }
  Result<void> Perform(const Received& received);
  Error ErrorOf(CURLcode code) const;
};

Error HttpClient::Impl::ErrorOf(CURLcode code) const {
  const char* why = curl_easy_strerror(code);
  if (code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST) {
    return MakeError(Code::kUnreachable,
                     "no server at {}: {}; 'ledge serve' starts one, --server names it",
                     address.ToString(), why);
  }
  return MakeError(Code::kUnreachable, "{}: the answer broke off: {}", address.ToString(), why);
}

// To the end of the request that was added.
Result<void> HttpClient::Impl::Perform(const Received& received) {
  for (int running = 1; running > 0;) {
    if (curl_multi_perform(multi.get(), &running) != CURLM_OK)
      return MakeError(Code::kInternal, "libcurl can't go on with a request");
    if (stopped && stopped()) return MakeError(Code::kInterrupted, "interrupted");
    if (running == 0) break;
    if (patience.count() > 0 && Clock::now() - received.last >= patience) {
      return MakeError(Code::kUnreachable, "{}: no answer within {} ms", address.ToString(),
                       patience.count());
    }
    curl_multi_poll(multi.get(), nullptr, 0, static_cast<int>(kLookEvery.count()), nullptr);
  }
  int left = 0;
  const CURLMsg* message = curl_multi_info_read(multi.get(), &left);
  if (message == nullptr || message->msg != CURLMSG_DONE)
    return MakeError(Code::kInternal, "libcurl lost a request");
  if (message->data.result != CURLE_OK) return ErrorOf(message->data.result);
  return {};
}

HttpClient::HttpClient(ServerAddress address, std::string api_key)
    : impl_(std::make_unique<Impl>()) {
  impl_->address = std::move(address);
  impl_->headers = MakeHeaders(api_key);
}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;

std::string HttpClient::address() const { return impl_->address.ToString(); }
void HttpClient::WaitAtMost(std::chrono::milliseconds patience) { impl_->patience = patience; }
void HttpClient::StopWhen(Stopped stopped) { impl_->stopped = std::move(stopped); }

Result<ClientReply> HttpClient::Request(std::string_view method, std::string_view path,
                                        std::string body, const OnData& on_data) {
  // A handle of its own; connections stay with `multi`, which makes a new one where the server has
  // closed the idle one.
  impl_->handle = MakeCurl(impl_->UrlOf(path), impl_->headers, {});
  CURL* const curl = impl_->handle.get();
  const std::string verb(method);
  Received received{.on_data = on_data};
  if (!impl_->address.socket_path.empty())
    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, impl_->address.socket_path.c_str());
  if (!body.empty() || method != "GET") {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.c_str());
  }
  curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, verb.c_str());
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, Received::OnBytes);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &received);
  curl_multi_add_handle(impl_->multi.get(), curl);
  const auto done = impl_->Perform(received);
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  // Ends what is under way, with its connection.
  curl_multi_remove_handle(impl_->multi.get(), curl);
  if (!done.ok()) return done.error();
  return ClientReply{.status = static_cast<int>(status), .body = std::move(received.body)};
}

}  // namespace ledge
