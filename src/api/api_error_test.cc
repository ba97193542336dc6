#include "api/api_error.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace ledge {
namespace {

using Json = nlohmann::json;

TEST(ApiErrors, HaveTheShapeOfEachApi) {
  const ApiError error = BadField("top_p", "top_p is 2; must be a number from 0 to 1");
  const Json open_ai = Json::parse(ErrorBody(ApiStyle::kOpenAi, error));
  EXPECT_EQ(open_ai["error"]["message"], error.message);
  EXPECT_EQ(open_ai["error"]["type"], "invalid_request_error");
  EXPECT_EQ(open_ai["error"]["param"], "top_p");
  EXPECT_EQ(open_ai["error"]["code"], "invalid_value");
  EXPECT_EQ(Json::parse(ErrorBody(ApiStyle::kOllama, error)), Json({{"error", error.message}}));
  const Json anthropic = Json::parse(ErrorBody(ApiStyle::kAnthropic, error));
  EXPECT_EQ(anthropic["type"], "error");
  EXPECT_EQ(anthropic["error"]["type"], "invalid_request_error");
  EXPECT_EQ(StyleOfPath("/api/chat"), ApiStyle::kOllama);
  EXPECT_EQ(StyleOfPath("/v1/messages"), ApiStyle::kAnthropic);
  EXPECT_EQ(StyleOfPath("/v1/models"), ApiStyle::kOpenAi);
  EXPECT_EQ(StyleOfPath("/none"), ApiStyle::kOpenAi);
}

// Whatever went wrong inside: a client sees 503 or 507 and may come again, never another 5xx.
TEST(ApiErrors, NeverAreTheServersFault) {
  for (int code = 0; code <= static_cast<int>(Code::kInterrupted); ++code) {
    const ApiError error = FromError({static_cast<Code>(code), "it\nwent wrong"});
    EXPECT_TRUE(error.status < 500 || error.status == 503 || error.status == 507) << code;
    EXPECT_EQ(error.message.find('\n'), error.message.npos) << "one line";
    if (error.status == 503) {
      EXPECT_GT(error.retry_after, 0);
    }
  }
}

TEST(ApiErrors, AreJsonWhateverTheyQuote) {
  const ApiError error = ModelNotFound("\xFF\"\\\x01");
  for (const ApiStyle style : {ApiStyle::kOpenAi, ApiStyle::kOllama, ApiStyle::kAnthropic})
    EXPECT_FALSE(Json::parse(ErrorBody(style, error), nullptr, false).is_discarded());
  EXPECT_EQ(error.status, 404);
  EXPECT_EQ(error.code, "model_not_found");
}

}  // namespace
}  // namespace ledge
