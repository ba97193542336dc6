#include "server/http/parser.h"

#include <fmt/format.h>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace ledge {

namespace http = boost::beast::http;

struct HttpParser::Beast {
  http::request_parser<http::string_body> parser;
};

namespace {

// Of "http://host:1/path", as proxies are asked, the path; the host counts, whatever the Host
// header says (RFC 9112, 3.2.2). Other targets as they are. Nothing where the host is missing or
// stands behind a user.
std::optional<std::string> PathOfTarget(std::string_view target, HttpHeaders& headers) {
  const size_t colon = target.find("://");
  const bool absolute = colon != target.npos && (SameToken(target.substr(0, colon), "http") ||
                                                 SameToken(target.substr(0, colon), "https"));
  if (!absolute) return std::string(target);
  target.remove_prefix(colon + 3);
  const std::string_view host = target.substr(0, target.find_first_of("/?"));
  if (host.empty() || host.starts_with(':') || host.find('@') != host.npos) return std::nullopt;
  target.remove_prefix(host.size());
  bool replaced = false;
  for (auto& [name, value] : headers) {
    if (!SameToken(name, "host")) continue;
    value = host;
    replaced = true;
  }
  if (!replaced) headers.emplace_back("Host", host);
  return target.starts_with('/') ? std::string(target) : "/" + std::string(target);
}

}  // namespace

HttpParser::HttpParser(const HttpLimits& limits)
    : limits_(limits), beast_(std::make_unique<Beast>()) {
  beast_->parser.body_limit(limits.body_bytes);
  beast_->parser.header_limit(static_cast<uint32_t>(limits.head_bytes));
  beast_->parser.eager(false);
}

HttpParser::~HttpParser() = default;

HttpParser::State HttpParser::Fail(int status, std::string message) {
  problem_ = {status, std::move(message)};
  return state_ = State::kFailed;
}

HttpParser::State HttpParser::Feed(std::string& bytes) {
  if (state_ == State::kHead) return FeedHead(bytes);
  if (state_ == State::kBody) return FeedBody(bytes);
  return state_;
}

HttpParser::State HttpParser::FeedHead(std::string& bytes) {
  // An empty line in front of a request is passed over (RFC 9112, 2.2).
  if (bytes.starts_with("\r\n")) bytes.erase(0, 2);
  const size_t end = bytes.find("\r\n\r\n");
  const size_t bare = bytes.find("\n\n");
  if (bare != bytes.npos && bare < end)
    return Fail(400, "a line of the head ends in a bare line feed; must end in CR LF");
  if (end == bytes.npos || end + 4 > limits_.head_bytes) {
    if (bytes.size() < limits_.head_bytes) return state_;
    return Fail(431, fmt::format("the head has more than {} bytes; must be at most that many",
                                 limits_.head_bytes));
  }
  if (auto problem = CheckHead(std::string_view(bytes).substr(0, end + 4), limits_))
    return Fail(problem->status, std::move(problem->message));
  boost::beast::error_code failed;
  const size_t used = beast_->parser.put(boost::asio::buffer(bytes.data(), end + 4), failed);
  if (failed == http::error::body_limit) {
    return Fail(413, fmt::format("the body has more than {} bytes; must be at most that many",
                                 limits_.body_bytes));
  }
  if (failed == http::error::bad_version)
    return Fail(505, "this HTTP version isn't spoken here; must be HTTP/1.1");
  if (failed || !beast_->parser.is_header_done())
    return Fail(400, "the head is malformed: " + failed.message());
  bytes.erase(0, used);
  ReadHead();
  if (state_ == State::kFailed) return state_;
  if (const auto length = beast_->parser.content_length(); length && *length > limits_.body_bytes) {
    return Fail(
        413, fmt::format("the body has {} bytes; must be at most {}", *length, limits_.body_bytes));
  }
  beast_->parser.eager(true);
  if (beast_->parser.is_done()) return state_ = State::kDone;
  return state_ = State::kBody;
}

void HttpParser::ReadHead() {
  const auto& head = beast_->parser.get();
  request_.method = std::string(head.method_string());
  for (const auto& field : head)
    request_.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  http_1_0_ = head.version() < 11;
  const auto whole = PathOfTarget({head.target().data(), head.target().size()}, request_.headers);
  if (!whole) {
    Fail(400, "the request's target has no host, or a user; must be a path or http://HOST/PATH");
    return;
  }
  if (!http_1_0_ && !request_.Has("host")) {
    Fail(400, "the request has no Host header; must have one in HTTP/1.1");
    return;
  }
  const std::string_view target = *whole;
  const size_t query = target.find('?');
  auto path = PercentDecoded(target.substr(0, query));
  if (!path || !path->starts_with('/')) {
    Fail(400, "the request's path is malformed; must begin with '/'");
    return;
  }
  request_.path = *std::move(path);
  if (query != target.npos) request_.query = target.substr(query + 1);
  keep_alive_ = head.keep_alive();
  if (request_.Has("expect")) {
    if (!SameToken(request_.Header("expect"), "100-continue"))
      Fail(417, "this expectation isn't met; must be 100-continue");
    expects_continue_ = !http_1_0_;  // which knows no interim answers (RFC 9110, 10.1.1)
  }
}

HttpParser::State HttpParser::FeedBody(std::string& bytes) {
  size_t used = 0;
  // The parser stops at borders of its own (a chunk's head) and is to be called again.
  while (used < bytes.size() && !beast_->parser.is_done()) {
    boost::beast::error_code failed;
    const size_t taken =
        beast_->parser.put(boost::asio::buffer(bytes.data() + used, bytes.size() - used), failed);
    used += taken;
    if (failed == http::error::need_more) break;
    if (failed == http::error::body_limit) {
      return Fail(413, fmt::format("the body has more than {} bytes; must be at most that many",
                                   limits_.body_bytes));
    }
    if (failed) return Fail(400, "the body is malformed: " + failed.message());
    if (taken == 0) break;
  }
  bytes.erase(0, used);
  if (!beast_->parser.is_done()) {
    // What the parser waits for is a chunk's head, and those are short.
    if (bytes.size() > limits_.head_bytes) return Fail(400, "a chunk's head has no end");
    return state_;
  }
  request_.body = std::move(beast_->parser.get().body());
  return state_ = State::kDone;
}

}  // namespace ledge
