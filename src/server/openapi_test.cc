// That the document of the API describes all that is answered, and nothing else.
#include <gtest/gtest.h>

#include <cctype>
#include <nlohmann/json.hpp>
#include <set>

#include "api/exchange.h"
#include "server/endpoint.h"

namespace ledge {
extern const std::string_view kOpenApiText;

namespace {

std::set<std::string> Answered() {
  std::set<std::string> all;
  for (const ExchangeEntry* entry : AllExchanges()) all.insert("post " + std::string(entry->path));
  for (const EndpointEntry* entry : AllEndpoints()) {
    std::string path(entry->path);
    if (path.ends_with('*')) path = path.substr(0, path.size() - 1) + "{model}";
    std::string method(entry->method);
    for (char& c : method) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    all.insert(method + " " + path);
  }
  return all;
}

TEST(OpenApi, DescribesEveryEndpointAndNoOther) {
  std::set<std::string> described;
  const auto document = nlohmann::json::parse(kOpenApiText);
  for (const auto& [path, methods] : document.at("paths").items()) {
    for (const auto& [method, endpoint] : methods.items()) {
      described.insert(method + " " + path);
      EXPECT_TRUE(endpoint.contains("summary")) << path;
      EXPECT_TRUE(endpoint.at("responses").contains("200")) << path;
    }
  }
  EXPECT_EQ(described, Answered());
}

// A field that is described is one that is looked at: of another type it is refused by its name.
TEST(OpenApi, DescribesFieldsThatAreRead) {
  const auto document = nlohmann::json::parse(kOpenApiText);
  for (const ExchangeEntry* entry : AllExchanges()) {
    const auto& schema = document.at("paths")
                             .at(std::string(entry->path))
                             .at("post")
                             .at("requestBody")
                             .at("content")
                             .at("application/json")
                             .at("schema");
    for (const auto& [field, described] : schema.at("properties").items()) {
      if (!described.contains("type")) continue;
      nlohmann::json body = {{"model", "m"},
                             {"messages", {{{"role", "user"}, {"content", "x"}}}},
                             {"prompt", "x"},
                             {"input", "x"},
                             {"max_tokens", 1}};
      // No type of a single value: not even of those that take a text or a list of texts.
      body[field] = nlohmann::json::array({nlohmann::json::array()});
      const auto parsed = entry->parse(
          {.body = body.dump(), .id = "1", .unix_seconds = 1, .now_text = "2026-01-01T00:00:00Z"});
      EXPECT_FALSE(parsed.ok()) << entry->path << " takes a list of lists as " << field;
    }
  }
}

}  // namespace
}  // namespace ledge
