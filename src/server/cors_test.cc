#include "server/cors.h"

#include <gtest/gtest.h>

namespace ledge {
namespace {

HttpRequest From(std::string origin, HttpHeaders more = {}) {
  HttpRequest request{.method = "OPTIONS", .path = "/v1/models", .headers = std::move(more)};
  if (!origin.empty()) request.headers.emplace_back("Origin", std::move(origin));
  return request;
}

std::string Of(const HttpHeaders& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (SameToken(key, name)) return value;
  }
  return "-";
}

TEST(Cors, TellsTheOriginsThatAreAllowedAlone) {
  const Cors cors({"http://a.example", "https://b.example"});
  for (const char* origin : {"http://a.example", "https://b.example"}) {
    EXPECT_EQ(Of(cors.HeadersFor(From(origin)), "access-control-allow-origin"), origin);
    EXPECT_EQ(Of(cors.HeadersFor(From(origin)), "vary"), "Origin");
    EXPECT_EQ(Of(cors.Preflight(From(origin)).headers, "access-control-allow-origin"), origin);
  }
  for (const char* origin : {"", "null", "http://b.example", "http://a.example.evil.example"}) {
    EXPECT_TRUE(cors.HeadersFor(From(origin)).empty()) << origin;
    EXPECT_TRUE(cors.Preflight(From(origin)).headers.empty()) << origin;
  }
  EXPECT_TRUE(Cors({}).HeadersFor(From("http://a.example")).empty());
  EXPECT_EQ(Of(Cors({"*"}).HeadersFor(From("null")), "access-control-allow-origin"), "null");
}

TEST(Cors, LetsAPageSendTheHeadersThatItNames) {
  const Cors cors({"*"});
  const auto allowed = [&](std::string asked) {
    return Of(
        cors.Preflight(From("http://a", {{"Access-Control-Request-Headers", std::move(asked)}}))
            .headers,
        "access-control-allow-headers");
  };
  EXPECT_EQ(allowed("authorization,x-stainless-os"), "authorization,x-stainless-os");
  constexpr const char* kUsual = "Authorization, Content-Type, X-Api-Key";
  EXPECT_EQ(allowed("x\r\nSet-Cookie: y"), kUsual);
  EXPECT_EQ(allowed(std::string(5000, 'x')), kUsual);
  EXPECT_EQ(allowed(""), kUsual);
}

}  // namespace
}  // namespace ledge
