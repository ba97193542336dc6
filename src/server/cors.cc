#include "server/cors.h"

#include <algorithm>

#include "server/forwarding_responder.h"

namespace ledge {
namespace {

constexpr size_t kMaxAskedHeaders = 1024;
constexpr std::string_view kUsualHeaders = "Authorization, Content-Type, X-Api-Key";

class CorsResponder final : public ForwardingResponder {
 public:
  CorsResponder(std::shared_ptr<Responder> to, HttpHeaders headers)
      : ForwardingResponder(std::move(to)), headers_(std::move(headers)) {}

  void Send(HttpReply reply) override {
    Add(reply.headers);
    ForwardingResponder::Send(std::move(reply));
  }
  void BeginStream(int status, HttpHeaders headers) override {
    Add(headers);
    ForwardingResponder::BeginStream(status, std::move(headers));
  }

 private:
  void Add(HttpHeaders& headers) const {
    headers.insert(headers.end(), headers_.begin(), headers_.end());
  }

  HttpHeaders headers_;
};

// What the page wants to send, as it says, if that is a list of names. (A client library's own
// headers are many, and "*" doesn't stand for Authorization.)
std::string AskedHeaders(std::string_view asked) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == ',' || c == ' ';
  };
  const bool list =
      !asked.empty() && asked.size() <= kMaxAskedHeaders && std::ranges::all_of(asked, fits);
  return std::string(list ? asked : kUsualHeaders);
}

}  // namespace

bool Cors::Allows(std::string_view origin) const {
  return std::ranges::any_of(
      origins_, [&](const std::string& allowed) { return allowed == "*" || allowed == origin; });
}

HttpReply Cors::Preflight(const HttpRequest& request) const {
  HttpReply reply{.status = 204, .headers = {}, .body = {}};
  const std::string_view origin = request.Header("origin");
  if (!Allows(origin)) return reply;
  reply.headers = {{"Access-Control-Allow-Origin", std::string(origin)},
                   {"Access-Control-Allow-Methods", "GET, POST, DELETE"},
                   {"Access-Control-Allow-Headers",
                    AskedHeaders(request.Header("access-control-request-headers"))},
                   {"Access-Control-Max-Age", "600"},
                   {"Vary", "Origin"}};
  // A public page that asks for a server of the local network.
  if (request.Header("access-control-request-private-network") == "true")
    reply.headers.emplace_back("Access-Control-Allow-Private-Network", "true");
  return reply;
}

HttpHeaders Cors::HeadersFor(const HttpRequest& request) const {
  const std::string_view origin = request.Header("origin");
  if (origin.empty() || !Allows(origin)) return {};
  return {{"Access-Control-Allow-Origin", std::string(origin)},
          {"Access-Control-Expose-Headers", "Retry-After, X-Request-Id"},
          {"Vary", "Origin"}};
}

std::shared_ptr<Responder> Cors::Wrapped(const HttpRequest& request,
                                         std::shared_ptr<Responder> to) const {
  HttpHeaders headers = HeadersFor(request);
  if (headers.empty()) return to;
  return std::make_shared<CorsResponder>(std::move(to), std::move(headers));
}

}  // namespace ledge
