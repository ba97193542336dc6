// ledge load-test against a server that answers what the test says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/canned_server.h"
#include "testing/program.h"

namespace ledge {
namespace {

using nlohmann::json;
using testing::CannedRequest;
using testing::CannedServer;
using ::testing::HasSubstr;
using testing::JsonOf;
using testing::Ledge;
using testing::Outcome;
using testing::Refused;
using testing::Succeeded;

std::string Answer(const CannedRequest& request) {
  constexpr char kHead[] = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
  if (request.head.starts_with("GET /v1/models "))
    return std::string(kHead) + R"({"data":[{"id":"it"}]})";
  if (request.number % 4 == 3) return "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n";
  return std::string(kHead) +
         "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n"
         "data: {\"choices\":[{\"delta\":{\"content\":\"b\"}}]}\n\n"
         "data: {\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n";
}

TEST(LoadTest, ReportsTimesTokensAndFailures) {
  const Ledge ledge;
  CannedServer server(Answer);
  const json report = JsonOf(
      ledge.Run({"load-test", server.url(), "--requests", "12", "--concurrency", "3", "--json"}));
  EXPECT_EQ(report["model"], "it");
  EXPECT_EQ(report["requests"], 12);
  EXPECT_EQ(report["failed"], 3);
  EXPECT_EQ(report["prompt_tokens"]["computed"], 81);
  EXPECT_EQ(report["completion_tokens"]["computed"], 18);
  EXPECT_GE(report["ttft_ms"]["p99"], report["ttft_ms"]["p50"]);
  EXPECT_GT(report["requests_per_second"], 0);

  const Outcome table = ledge.Run({"load-test", server.url(), "--model", "m", "--requests", "4"});
  ASSERT_TRUE(Succeeded(table));
  EXPECT_THAT(table.out, HasSubstr("to the first token"));
  EXPECT_THAT(table.out, HasSubstr("503"));
}

TEST(LoadTest, SaysWhereNobodyAnswers) {
  const Ledge ledge;
  EXPECT_TRUE(Refused(ledge.Run({"load-test", "http://127.0.0.1:1"}), 7, "127.0.0.1:1"));
  EXPECT_TRUE(Refused(ledge.Run({"load-test", "http://127.0.0.1:1", "--model", "m"}), 7,
                      "no request was answered"));
  EXPECT_TRUE(Refused(ledge.Run({"load-test", "gopher://x", "--model", "m"}), 2, "http://"));
  const std::string keys = ledge.folder().Write("keys", "# none yet\n");
  EXPECT_TRUE(Refused(
      ledge.Run({"load-test", "http://127.0.0.1:1", "--model", "m", "--api-key-file", keys}), 3,
      "has no keys"));
  EXPECT_TRUE(Refused(ledge.Run({"load", "\xff", "--server", "http://127.0.0.1:1"}), 7));
  const std::string empty = ledge.folder().Write("empty.txt", "\n\n");
  EXPECT_TRUE(
      Refused(ledge.Run({"load-test", "http://127.0.0.1:1", "--model", "m", "--prompts", empty}), 2,
              "0 prompts"));
}

}  // namespace
}  // namespace ledge
