#include <gtest/gtest.h>

#include "api/exchange.h"
#include "api/json_reader.h"

namespace ledge {
namespace {

// How a chat with these fields is sampled.
SamplingOptions Asked(Json body) {
  body["model"] = "m";
  body["messages"] = {{{"role", "user"}, {"content", "x"}}};
  for (const ExchangeEntry* entry : AllExchanges()) {
    if (entry->path != "/v1/chat/completions") continue;
    auto exchange = entry->parse({.body = Dump(body), .id = "1", .now_text = "now"});
    EXPECT_TRUE(exchange.ok()) << exchange.error().message;
    if (exchange.ok()) return (*exchange)->asks.at(0).sampling;
  }
  ADD_FAILURE();
  return {};
}

void ExpectAll(const SamplingOptions& s, float temperature) {
  EXPECT_EQ(s.temperature, temperature);
  EXPECT_EQ(s.top_k, 0);
  EXPECT_EQ(s.top_p, 1);
  EXPECT_EQ(s.min_p, 0);
  EXPECT_EQ(s.typical_p, 1);
}

TEST(SamplingFields, WhereNothingIsSaidTheyAreThoseOfRun) {
  for (const Json& body : {Json::object(), Json{{"temperature", nullptr}}, Json{{"seed", 5}}}) {
    const SamplingOptions s = Asked(body);
    EXPECT_EQ(s.temperature, SamplingOptions().temperature);
    EXPECT_EQ(s.top_k, SamplingOptions().top_k);
    EXPECT_EQ(s.top_p, SamplingOptions().top_p);
    EXPECT_EQ(s.min_p, SamplingOptions().min_p);
  }
}

TEST(SamplingFields, WhereOneIsNamedTheOthersLeaveNothingOut) {
  ExpectAll(Asked({{"temperature", 1}}), 1);
  ExpectAll(Asked({{"temperature", 0.5}}), 0.5);
  ExpectAll(Asked({{"top_p", 1}}), 1);
  const SamplingOptions s = Asked({{"top_k", 7}, {"min_p", 0.25}});
  EXPECT_EQ(s.temperature, 1);
  EXPECT_EQ(s.top_k, 7);
  EXPECT_EQ(s.min_p, 0.25F);
  EXPECT_EQ(s.top_p, 1);
}

}  // namespace
}  // namespace ledge
