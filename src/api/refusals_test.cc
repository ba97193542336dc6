// What each API refuses: by the field's name, before a model is asked.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "api/exchange.h"
#include "api/json_reader.h"

namespace ledge {
namespace {

using ::testing::HasSubstr;

// A request that each path takes.
Json Honest(std::string_view path) {
  Json body = {{"model", "m"}};
  if (path == "/v1/completions" || path == "/api/generate") body["prompt"] = "x";
  if (path == "/v1/embeddings" || path == "/api/embed" || path == "/v1/responses")
    body["input"] = "x";
  if (path == "/v1/chat/completions" || path == "/v1/messages" || path == "/api/chat")
    body["messages"] = {{{"role", "user"}, {"content", "x"}}};
  if (path == "/v1/messages") body["max_tokens"] = 4;
  return body;
}

ApiResult<std::unique_ptr<Exchange>> Parsed(std::string_view path, const std::string& body) {
  for (const ExchangeEntry* entry : AllExchanges()) {
    if (entry->path == path) return entry->parse({.body = body, .id = "1", .now_text = "now"});
  }
  return ApiError{.status = 0, .message = "no such endpoint"};
}

// The refusal of an honest request with one field changed; "taken" where it isn't one.
std::string Refusal(std::string_view path, const std::string& field, const Json& value) {
  Json body = Honest(path);
  if (value.is_discarded()) {
    body.erase(field);
  } else {
    body[field] = value;
  }
  auto parsed = Parsed(path, Dump(body));
  if (parsed.ok()) return "taken";
  EXPECT_EQ(parsed.error().status, 400);
  EXPECT_THAT(parsed.error().message, HasSubstr("; ")) << "what would be right";
  return parsed.error().param;
}
const Json kMissing(Json::value_t::discarded);

constexpr std::string_view kGenerating[] = {
    "/v1/chat/completions", "/v1/completions", "/v1/responses",
    "/v1/messages",         "/api/chat",       "/api/generate"};
constexpr std::string_view kAll[] = {"/v1/chat/completions", "/v1/completions", "/v1/responses",
                                     "/v1/messages",         "/api/chat",       "/api/generate",
                                     "/v1/embeddings",       "/api/embed"};

TEST(Refusals, HonestRequestsAreTaken) {
  for (const std::string_view path : kAll) {
    auto parsed = Parsed(path, Dump(Honest(path)));
    ASSERT_TRUE(parsed.ok()) << path << ": " << parsed.error().message;
    EXPECT_EQ((*parsed)->model, "m");
    EXPECT_EQ((*parsed)->asks.size(), 1U) << path;
  }
}

TEST(Refusals, AModelIsNamed) {
  for (const std::string_view path : kAll) {
    for (const Json& value : {kMissing, Json(), Json(5), Json(""), Json::array({"m"})})
      EXPECT_EQ(Refusal(path, "model", value), "model") << path << Dump(value);
  }
}

TEST(Refusals, BodiesAreObjectsOfJson) {
  for (const std::string_view path : kAll) {
    for (const std::string body : {"", "x", "[]", "5", "{", "{\"a\":1}}", "{\"\xFF\":1}"}) {
      auto parsed = Parsed(path, body);
      ASSERT_FALSE(parsed.ok()) << body;
      EXPECT_EQ(parsed.error().code, "invalid_json") << body;
    }
  }
}

TEST(Refusals, SamplingIsWithinItsRange) {
  for (const std::string_view path : kGenerating) {
    if (path.starts_with("/api/")) continue;
    for (const auto& [field, values] : std::initializer_list<std::pair<const char*, Json>>{
             {"temperature", {-0.1, 101, "hot", true}},
             {"top_p", {-0.1, 1.1, "1"}},
             {"top_k", {-1, 0.5, "1"}},
             {"min_p", {2}},
             {"seed", {"x", 0.5, 1e300}},
             {"priority", {2, -2}},
             {"deadline_ms", {-1}},
             {"stream", {"yes", 1}}}) {
      for (const Json& value : values)
        EXPECT_EQ(Refusal(path, field, value), field) << path << " " << Dump(value);
    }
  }
  for (const char* path : {"/api/chat", "/api/generate"}) {
    for (const Json& options :
         {Json{{"temperature", -1}}, Json{{"top_k", "x"}}, Json{{"num_predict", -3}},
          Json{{"stop", {1}}}, Json{{"seed", 0.5}}})
      EXPECT_THAT(Refusal(path, "options", options), HasSubstr("options.")) << Dump(options);
    EXPECT_EQ(Refusal(path, "options", {1}), "options");
    EXPECT_EQ(Refusal(path, "keep_alive", "soon"), "keep_alive");
    EXPECT_EQ(Refusal(path, "think", "a lot"), "think");
    EXPECT_EQ(Refusal(path, "think", "high"), "taken");
    EXPECT_EQ(Refusal(path, "format", 7), "format");
  }
}

TEST(Refusals, BiasesAreNumbersOfTokens) {
  constexpr const char* kPath = "/v1/chat/completions";
  for (const Json& bias : {Json::array({1}), Json{{"x", 1}}, Json{{"-1", 1}}, Json{{"1", "x"}},
                           Json{{"1", 101}}, Json{{"99999999999", 1}}})
    EXPECT_EQ(Refusal(kPath, "logit_bias", bias), "logit_bias") << Dump(bias);
  auto banned = Honest(kPath);
  banned["logit_bias"] = {{"7", -100}};
  auto parsed = Parsed(kPath, Dump(banned));
  ASSERT_TRUE(parsed.ok());
  EXPECT_TRUE(std::isinf((*parsed)->asks[0].sampling.logit_bias.at(0).second));
}

TEST(Refusals, MessagesHaveRolesAndText) {
  for (const char* path : {"/v1/chat/completions", "/api/chat"}) {
    const auto refused = [&](const Json& message) {
      return Refusal(path, "messages", Json::array({message}));
    };
    EXPECT_EQ(refused(5), "messages[0]");
    EXPECT_EQ(refused({{"content", "x"}}), "messages[0].role");
    EXPECT_EQ(refused({{"role", "king"}, {"content", "x"}}), "messages[0].role");
    EXPECT_EQ(refused({{"role", "user"}}), "messages[0].content");
    EXPECT_EQ(refused({{"role", "user"}, {"content", 5}}), "messages[0].content");
    EXPECT_EQ(refused({{"role", "user"}, {"content", {{{"type", "image_url"}}}}}),
              "messages[0].content");
    EXPECT_EQ(refused({{"role", "assistant"}, {"tool_calls", {{{"id", "1"}}}}}),
              "messages[0].tool_calls");
    EXPECT_EQ(Refusal(path, "messages", Json(5)), "messages");
  }
  // A developer's word is a system's, and parts of text are one text.
  Json body = Honest("/v1/chat/completions");
  body["messages"] = {
      {{"role", "developer"},
       {"content", {{{"type", "text"}, {"text", "a"}}, {{"type", "text"}, {"text", "b"}}}}},
      {{"role", "user"}, {"content", "c"}}};
  auto parsed = Parsed("/v1/chat/completions", Dump(body));
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  EXPECT_EQ((*parsed)->asks[0].messages,
            R"([{"role":"system","content":"ab"},{"role":"user","content":"c"}])");
}

TEST(Refusals, TokenIdsAreWhole) {
  for (const auto& [path, field] :
       {std::pair{"/v1/completions", "prompt"}, {"/v1/embeddings", "input"}}) {
    for (const Json& value : {Json(), Json(5), Json::array(), Json::array({-1}), Json::array({0.5}),
                              Json::array({1, "x"}), Json::array({1ULL << 40}),
                              Json::array({Json::array()}), Json::array({Json::array({-1})})})
      EXPECT_EQ(Refusal(path, field, value), field) << Dump(value);
    for (const Json& value : {Json::array({1, 2}), Json::array({"a", "b"}),
                              Json::array({Json::array({1}), Json::array({2, 3})})})
      EXPECT_EQ(Refusal(path, field, value), "taken") << Dump(value);
  }
}

TEST(Refusals, ToolsAndChoicesFitEachOther) {
  const Json tools = {{{"type", "function"}, {"function", {{"name", "f"}}}}};
  for (const char* path : {"/v1/chat/completions"}) {
    EXPECT_EQ(Refusal(path, "tools", {{{"type", "function"}}}), "tools");
    EXPECT_EQ(Refusal(path, "tools", "f"), "tools");
    EXPECT_EQ(Refusal(path, "tool_choice", "required"), "tool_choice") << "there are none";
    EXPECT_EQ(Refusal(path, "tool_choice", 5), "tool_choice");
    EXPECT_EQ(Refusal(path, "parallel_tool_calls", "no"), "parallel_tool_calls");
  }
  const auto choose = [&](const Json& choice) {
    Json body = Honest("/v1/chat/completions");
    body["tools"] = tools;
    body["tool_choice"] = choice;
    body["parallel_tool_calls"] = false;
    return Parsed("/v1/chat/completions", Dump(body));
  };
  EXPECT_FALSE(choose({{"type", "function"}, {"function", {{"name", "g"}}}}).ok());
  auto demanded = choose("required");
  ASSERT_TRUE(demanded.ok());
  EXPECT_TRUE((*demanded)->asks[0].forced_call);
  EXPECT_EQ((*demanded)->asks[0].tool_names, std::vector<std::string>{"f"});
  auto none = choose("none");
  ASSERT_TRUE(none.ok());
  EXPECT_TRUE((*none)->asks[0].tools.empty());
}

TEST(Refusals, AnthropicsChoiceIsReadOnce) {
  Json body = Honest("/v1/messages");
  body["tools"] = {{{"name", "f"}, {"input_schema", {{"type", "object"}}}}};
  const auto choose = [&](const Json& choice) {
    body["tool_choice"] = choice;
    return Parsed("/v1/messages", Dump(body));
  };
  auto one = choose({{"type", "auto"}, {"disable_parallel_tool_use", true}});
  ASSERT_TRUE(one.ok());
  EXPECT_EQ((*one)->asks[0].tool_names, std::vector<std::string>{"f"});
  EXPECT_FALSE((*one)->asks[0].forced_call);
  auto any = choose({{"type", "any"}});
  ASSERT_TRUE(any.ok());
  EXPECT_TRUE((*any)->asks[0].forced_call);
  EXPECT_TRUE((*any)->asks[0].tool_names.empty());
  for (const Json& wrong : {Json("auto"), Json{{"type", "sometimes"}}, Json{{"type", "tool"}},
                            Json{{"type", 5}}, Json{{"type", "tool"}, {"name", "g"}},
                            Json{{"type", "auto"}, {"disable_parallel_tool_use", "no"}}}) {
    auto refused = choose(wrong);
    ASSERT_FALSE(refused.ok()) << Dump(wrong);
    EXPECT_EQ(refused.error().param, "tool_choice");
  }
}

}  // namespace
}  // namespace ledge
