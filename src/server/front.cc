#include "server/front.h"

#include <fmt/format.h>

#include <array>
#include <exception>

#include "server/counted_responder.h"
#include "server/exchange_run.h"
#include "server/net/http_server.h"

namespace ledge {
namespace {

// "localhost:11434", "[::1]:80", "example.org" -> the host alone.
std::string_view HostOf(std::string_view text) {
  if (text.starts_with('[')) {
    const size_t end = text.find(']');
    return end == text.npos ? text : text.substr(1, end - 1);
  }
  return text.substr(0, text.find(':'));
}

const EndpointEntry* FindEndpoint(std::string_view method, std::string_view path,
                                  bool& path_known) {
  for (const EndpointEntry* entry : AllEndpoints()) {
    const bool prefix = entry->path.ends_with('*');
    const bool same = prefix ? path.starts_with(entry->path.substr(0, entry->path.size() - 1)) &&
                                   path.size() >= entry->path.size()
                             : path == entry->path;
    if (!same) continue;
    path_known = true;
    if (entry->method == method || (entry->method == "GET" && method == "HEAD")) return entry;
  }
  return nullptr;
}

const ExchangeEntry* FindExchange(std::string_view path) {
  for (const ExchangeEntry* entry : AllExchanges()) {
    if (entry->path == path) return entry;
  }
  return nullptr;
}

// A library's exception gets no further than this, whatever the body made it stumble over.
ApiResult<std::unique_ptr<Exchange>> ParseGuarded(const ExchangeEntry& entry,
                                                  const ApiContext& context) {
  try {
    return entry.parse(context);
  } catch (const std::exception& problem) {
    return BadField("", std::string("the body is malformed: ") + problem.what());
  }
}

}  // namespace

Front::Front(Os& os, EventLoop& loop, Residency& residency, ModelIndex& index, Log& log,
             FrontOptions options)
    : os_(os),
      loop_(loop),
      residency_(residency),
      index_(index),
      log_(log),
      options_(std::move(options)),
      cors_(options_.allowed_origins),
      started_(os.MonotonicNow()) {
  std::array<std::byte, 6> random{};
  if (os.Entropy(random).ok()) {
    for (const std::byte b : random) id_prefix_ += fmt::format("{:02x}", static_cast<unsigned>(b));
  }
}

Front::~Front() = default;

std::string Front::NextId() { return fmt::format("{}{:08x}", id_prefix_, ++next_id_); }

HttpReply Front::JsonReply(int status, std::string body) {
  return {.status = status,
          .headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}},
          .body = std::move(body)};
}

HttpReply Front::ErrorReply(ApiStyle style, const ApiError& error) {
  HttpReply reply = JsonReply(error.status, ErrorBody(style, error));
  if (error.retry_after > 0)
    reply.headers.emplace_back("Retry-After", std::to_string(error.retry_after));
  if (error.status == 401) reply.headers.emplace_back("WWW-Authenticate", "Bearer");
  return reply;
}

HttpReply Front::Problem(int status, const std::string& message, const std::string& path) const {
  return ErrorReply(StyleOfPath(path), {.status = status, .message = PrintableLine(message)});
}

// A page of another name that resolves to this machine (DNS rebinding) must not get through.
std::optional<ApiError> Front::CheckHost(const HttpRequest& head) const {
  size_t hosts = 0;
  for (const auto& [name, value] : head.headers) hosts += SameToken(name, "host") ? 1 : 0;
  if (hosts > 1)
    return ApiError{.status = 400,
                    .message = "the request has several Host headers; must have one"};
  if (!options_.loopback_only || head.peer_is_unix || hosts == 0) return std::nullopt;
  const std::string_view host = HostOf(head.Header("host"));
  if (host.empty() || IsLoopbackHost(host)) return std::nullopt;
  return ApiError{
      .status = 403,
      .code = "foreign_host",
      .message = PrintableLine(fmt::format("Host '{}' is not this machine; must be localhost "
                                           "or a loopback address",
                                           host))};
}

std::optional<ApiError> Front::CheckOrigin(const HttpRequest& head, bool changes_state) const {
  const std::string_view origin = head.Header("origin");
  if (origin.empty() || !changes_state) return std::nullopt;
  if (cors_.Allows(origin)) return std::nullopt;
  // The server's own page.
  const size_t scheme = origin.find("://");
  if (scheme != origin.npos && origin.substr(scheme + 3) == head.Header("host"))
    return std::nullopt;
  return ApiError{
      .status = 403,
      .code = "foreign_origin",
      .message = PrintableLine(fmt::format("Origin '{}' may not do this; --allow-origin lets "
                                           "it",
                                           origin))};
}

std::optional<ApiError> Front::CheckKey(HttpRequest& head, bool open, bool& authorised) const {
  head.client = head.peer;
  if (keys_.empty() || head.peer_is_unix) return std::nullopt;
  std::string_view key = head.Header("x-api-key");
  if (const std::string_view bearer = head.Header("authorization");
      bearer.size() > 7 && SameToken(bearer.substr(0, 7), "Bearer "))
    key = bearer.substr(7);
  const auto owner = keys_.Owner(key);
  if (owner) {
    head.client = *owner;
    authorised = true;
    return std::nullopt;
  }
  if (open) return std::nullopt;
  return ApiError{.status = 401,
                  .code = "invalid_api_key",
                  .message = key.empty()
                                 ? "no API key; must be given as 'Authorization: Bearer KEY' or "
                                   "'x-api-key: KEY'"
                                 : "the API key is wrong; must be one of the server's"};
}

std::optional<HttpReply> Front::Judge(HttpRequest& head, bool& authorised) {
  const ApiStyle style = StyleOfPath(head.path);
  bool path_known = false;
  const EndpointEntry* endpoint = FindEndpoint(head.method, head.path, path_known);
  const ExchangeEntry* exchange = FindExchange(head.path);
  const auto refuse = [&](const ApiError& error) {
    log_.Info(fmt::format("event=refused path=\"{}\" status={} reason={} peer={}", head.path,
                          error.status, error.code.empty() ? "request" : error.code, head.peer));
    ++metrics_.requests[{endpoint || exchange ? head.path : "other", error.status}];
    HttpReply reply = ErrorReply(style, error);
    for (auto& header : cors_.HeadersFor(head)) reply.headers.push_back(std::move(header));
    return reply;
  };
  if (const auto problem = CheckHost(head)) return refuse(*problem);
  const bool changes = exchange != nullptr || head.method != "GET";
  const bool preflight = head.method == "OPTIONS" && head.Has("origin");
  if (const auto problem = CheckOrigin(head, changes && !preflight)) return refuse(*problem);
  const bool open = preflight || (endpoint != nullptr && endpoint->open);
  if (const auto problem = CheckKey(head, open, authorised)) return refuse(*problem);
  if (preflight || endpoint != nullptr) return std::nullopt;
  if (exchange != nullptr && head.method == "POST") return std::nullopt;
  if (exchange != nullptr || path_known) {
    HttpReply reply = refuse(
        {.status = 405,
         .code = "method_not_allowed",
         .message = PrintableLine("method " + head.method + " isn't served at " + head.path)});
    reply.headers.emplace_back("Allow", exchange != nullptr ? "POST" : "GET, POST, DELETE");
    return reply;
  }
  return refuse(
      {.status = 404,
       .code = "not_found",
       .message = PrintableLine("nothing is served at " + head.path + "; GET / lists what is")});
}

void Front::Answer(HttpRequest request, std::shared_ptr<Responder> responder) {
  if (request.method == "OPTIONS") return responder->Send(cors_.Preflight(request));
  responder = cors_.Wrapped(request, std::move(responder));
  bool path_known = false;
  if (const EndpointEntry* endpoint = FindEndpoint(request.method, request.path, path_known)) {
    const auto count = [this, path = std::string(endpoint->path)](int status) {
      ++metrics_.requests[{path, status}];
    };
    return endpoint->answer(*this, request,
                            std::make_shared<CountedResponder>(std::move(responder), count));
  }
  if (const ExchangeEntry* exchange = FindExchange(request.path))
    return RunExchange(*exchange, std::move(request), std::move(responder));
  responder->Send(Problem(404, "nothing is served here", request.path));
}

void Front::RunExchange(const ExchangeEntry& entry, HttpRequest request,
                        std::shared_ptr<Responder> responder) {
  const std::string id = NextId();
  const auto now = os_.WallNow();
  const std::string now_text = TimeText(now);
  const ApiContext context{
      .body = request.body,
      .id = id,
      .unix_seconds =
          std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count(),
      .now_text = now_text};
  const ApiStyle style = StyleOfPath(request.path);
  const auto refuse = [&](const ApiError& error) {
    ++metrics_.requests[{std::string(entry.path), error.status}];
    log_.Info(fmt::format("event=request id={} path={} status={} outcome={}", id, entry.path,
                          error.status, error.code.empty() ? "refused" : error.code));
    HttpReply reply = ErrorReply(style, error);
    reply.headers.emplace_back(kRequestIdHeader, id);
    responder->Send(std::move(reply));
  };
  if (draining_) {
    return refuse({.status = 503,
                   .code = "shutting_down",
                   .message = "the server is shutting down; try again later",
                   .retry_after = 5});
  }
  auto exchange = ParseGuarded(entry, context);
  if (!exchange.ok()) return refuse(exchange.error());
  const auto run = std::make_shared<ExchangeRun>(*this, std::move(*exchange),
                                                 std::string(entry.path), id, std::move(responder));
  runs_[run.get()] = run;
  run->Start(request.client);
}

// Later: its own method is on the way out.
void Front::Forget(ExchangeRun* run) {
  const auto found = runs_.find(run);
  if (found == runs_.end()) return;
  loop_.Post([held = std::move(found->second)] {});
  runs_.erase(found);
}

}  // namespace ledge
