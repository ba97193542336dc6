#include "server/http/parser.h"

#include <gtest/gtest.h>

namespace ledge {
namespace {

constexpr std::string_view kPost =
    "POST /v1/a%20b?c=d HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello";

// Fed in pieces of `step` bytes, as they come from a socket.
std::unique_ptr<HttpParser> Parsed(std::string_view bytes, size_t step, HttpLimits limits = {}) {
  auto parser = std::make_unique<HttpParser>(limits);
  std::string held;
  for (size_t at = 0; at < bytes.size(); at += step) {
    held += bytes.substr(at, step);
    // Once for the head, and once for what of the body came with it.
    for (int i = 0; i < 2; ++i) parser->Feed(held);
  }
  return parser;
}

TEST(HttpParser, ReadsARequestHoweverItIsCut) {
  for (size_t step = 1; step <= kPost.size(); ++step) {
    const auto parser = Parsed(kPost, step);
    ASSERT_EQ(parser->state(), HttpParser::State::kDone) << step;
    const HttpRequest& request = parser->request();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path, "/v1/a b");
    EXPECT_EQ(request.query, "c=d");
    EXPECT_EQ(request.Header("HOST"), "localhost");
    EXPECT_EQ(request.body, "hello");
    EXPECT_TRUE(parser->keep_alive());
  }
}

TEST(HttpParser, RefusesWithItsStatus) {
  const auto status = [](std::string_view bytes, HttpLimits limits = {}) {
    const auto parser = Parsed(bytes, 7, limits);
    return parser->state() == HttpParser::State::kFailed ? parser->problem().status : 0;
  };
  EXPECT_EQ(status("GET / HTTP/1.1\r\n\r\n"), 400) << "no host";
  EXPECT_EQ(status("GET / HTTP/1.0\r\n\r\n"), 0);
  EXPECT_EQ(status("GET http://localhost/ HTTP/1.1\r\n\r\n"), 0);
  EXPECT_EQ(status("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), 505);
  EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n"), 400);
  EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n"), 501);
  EXPECT_EQ(status(kPost, {.body_bytes = 4}), 413);
  EXPECT_EQ(status(kPost, {.headers = 1}), 431);
  EXPECT_EQ(status(kPost, {.head_line_bytes = 20}), 414);
}

}  // namespace
}  // namespace ledge
