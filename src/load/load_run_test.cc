#include "load/load_run.h"

#include <gmock/gmock.h>

#include <mutex>
#include <nlohmann/json.hpp>

#include "load/random.h"
#include "testing/canned_server.h"
#include "testing/result_matchers.h"

namespace ledge {
namespace {

using testing::CannedRequest;
using testing::CannedServer;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Key;

constexpr char kHead[] = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";

std::string Stream(int pieces) {
  std::string text = kHead;
  text += "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n";
  for (int i = 0; i < pieces; ++i)
    text += "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n";
  text +=
      "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":3,"
      "\"prompt_tokens_details\":{\"cached_tokens\":6}}}\n\n";
  return text + "data: [DONE]\n\n";
}
std::string Refusal(const std::string& status, const std::string& body) {
  return "HTTP/1.1 " + status +
         "\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}
LoadOptions Options(const CannedServer& server, uint64_t requests) {
  LoadOptions options;
  options.url = server.url();
  options.model = "m";
  options.prompts = {"one", "two"};
  options.requests = requests;
  return options;
}

TEST(LoadRun, CountsWhatAServerAnswers) {
  std::mutex mutex;
  std::vector<std::string> prompts;
  std::string head;
  CannedServer server([&](const CannedRequest& request) {
    const std::lock_guard lock(mutex);
    head = request.head;
    prompts.push_back(nlohmann::json::parse(request.body)["messages"].back()["content"]);
    return Stream(3);
  });
  LoadOptions options = Options(server, 10);
  options.key = "secret";
  uint64_t seen = 0;
  ASSERT_OK_AND_ASSIGN(const LoadReport report, RunLoad(options, [&](uint64_t done, uint64_t all) {
                         EXPECT_LE(seen, done);
                         EXPECT_EQ(all, 10U);
                         seen = done;
                         return true;
                       }));
  EXPECT_EQ(server.requests(), 10);
  EXPECT_EQ(report.requests, 10U);
  EXPECT_EQ(report.failed, 0U) << report.failures.begin()->first;
  EXPECT_EQ(report.to_first.count, 10U);
  EXPECT_EQ(report.gap.count, 20U);
  EXPECT_EQ(report.tokens.prompt_tokens, 100U);
  EXPECT_EQ(report.tokens.cached_tokens, 60U);
  EXPECT_EQ(report.tokens.completion_tokens, 30U);
  EXPECT_GT(report.requests_per_second, 0);
  EXPECT_EQ(std::count(prompts.begin(), prompts.end(), "one"), 5);
  EXPECT_THAT(head, HasSubstr("POST /v1/chat/completions "));
  EXPECT_THAT(head, HasSubstr("Authorization: Bearer secret"));
}

TEST(LoadRun, OpenLoopKeepsToItsRate) {
  CannedServer server([](const CannedRequest&) { return Stream(1); });
  LoadOptions options = Options(server, 20);
  options.rate = 100;
  options.concurrency = 20;
  ASSERT_OK_AND_ASSIGN(const LoadReport report, RunLoad(options, nullptr));
  EXPECT_EQ(report.failed, 0U);
  // Its arrivals are the seed's, whatever the machine does; none comes early.
  LoadRandom arrivals(options.seed + 1);
  double last = 0;
  for (int i = 0; i < 19; ++i) last += arrivals.Exponential() / options.rate;
  EXPECT_GE(report.seconds, last);
}

TEST(LoadRun, FailuresArePartOfTheReport) {
  CannedServer server([](const CannedRequest& request) -> std::string {
    switch (request.number % 5) {
      case 0:
        return Refusal("429 Too Many Requests", R"({"error":{"message":"the queue is full"}})");
      case 1:
        return std::string(kHead) + "data: {\"error\":{\"message\":\"the worker died\"}}\n\n";
      case 2:
        return std::string(kHead) + "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n";
      case 3:
        return std::string(kHead) + "data: <html>\n\n";
      default:
        return "";
    }
  });
  LoadOptions options = Options(server, 10);
  options.concurrency = 1;
  ASSERT_OK_AND_ASSIGN(const LoadReport report, RunLoad(options, nullptr));
  EXPECT_EQ(report.failed, 10U);
  EXPECT_EQ(report.answered, 8U);
  for (const char* what : {"429: the queue is full", "the worker died", "the stream ended early",
                           "an event is no JSON object"})
    EXPECT_THAT(report.failures, Contains(Key(what)));
}

TEST(LoadRun, StopsWhenAsked) {
  CannedServer server([](const CannedRequest&) { return Stream(1); });
  EXPECT_ERROR(RunLoad(Options(server, 1000), [](uint64_t done, uint64_t) { return done < 3; }),
               Code::kInterrupted, "interrupted");
  EXPECT_LT(server.requests(), 100);
}

TEST(LoadRun, AsksForTheFirstModel) {
  CannedServer server([](const CannedRequest& request) {
    EXPECT_THAT(request.head, HasSubstr("GET /v1/models "));
    return Refusal("200 OK", R"({"data":[{"id":"smollm2"},{"id":"other"}]})");
  });
  LoadOptions options = Options(server, 1);
  for (const char* end : {"", "/", "/v1", "/v1/"}) {
    options.url = server.url() + end;
    ASSERT_OK_AND_ASSIGN(const std::string model, FirstModel(options));
    EXPECT_EQ(model, "smollm2");
  }
  options.url = "127.0.0.1:1";
  EXPECT_ERROR(FirstModel(options), Code::kUsage, "write http://");
  options.url = "file:///etc/passwd";
  EXPECT_ERROR(FirstModel(options), Code::kUsage, "write http://");
  options.url = "http://127.0.0.1:1";
  EXPECT_ERROR(FirstModel(options), Code::kUnreachable, "127.0.0.1:1/v1/models");
}

}  // namespace
}  // namespace ledge
