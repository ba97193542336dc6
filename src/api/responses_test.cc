// The items of /v1/responses: as they are streamed, and as they stand in the whole answer.
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "api/exchange.h"
#include "api/json_reader.h"

namespace ledge {
namespace {

// What is sent for an answer that comes in these pieces.
std::string Answered(bool stream, bool thinking, const std::vector<std::string>& pieces,
                     AskFinish finish) {
  const std::string body = R"({"model":"m","input":"a","tools":[{"type":"function","name":"f"}],)"
                           R"("stream":)" +
                           std::string(stream ? "true" : "false") + "}";
  for (const ExchangeEntry* entry : AllExchanges()) {
    if (entry->path != "/v1/responses") continue;
    auto exchange = entry->parse({.body = body, .id = "1", .now_text = "now"});
    if (!exchange.ok()) return "refused: " + exchange.error().message;
    std::string out;
    (*exchange)->OnStarted(
        0, {.prompt_tokens = 3, .tool_format = ToolFormat::kHermes, .thinking = thinking}, out);
    for (const std::string& text : pieces) (*exchange)->OnPiece(0, {.text = text}, out);
    (*exchange)->OnEnd(0, {.finish = finish}, out);
    (*exchange)->OnAllEnded(out);
    return out;
  }
  return "no such endpoint";
}

std::vector<Json> EventsOf(const std::string& stream) {
  std::vector<Json> events;
  constexpr std::string_view kData = "data: {";
  for (size_t at = stream.find(kData); at != stream.npos; at = stream.find(kData, at + 1)) {
    const size_t begin = at + kData.size() - 1;
    events.push_back(Json::parse(stream.substr(begin, stream.find('\n', begin) - begin)));
  }
  return events;
}

// The types of the items, "reasoning message"; every stream of them is checked against the whole.
std::string ItemsOf(bool thinking, const std::vector<std::string>& pieces,
                    AskFinish finish = AskFinish::kStop) {
  const Json whole = Json::parse(Answered(false, thinking, pieces, finish));
  Json done = Json::array();
  size_t begun = 0;
  Json last;
  std::map<std::string, std::string> deltas;  // by item
  for (const Json& event : EventsOf(Answered(true, thinking, pieces, finish))) {
    const std::string type = event.at("type");
    if (type == "response.output_item.added") {
      EXPECT_EQ(event.at("output_index"), begun++);
    }
    if (type == "response.output_item.done")
      done[event.at("output_index").get<size_t>()] = event.at("item");
    if (type.ends_with(".delta"))
      deltas[event.at("item_id")] += event.at("delta").get<std::string>();
    last = event;
  }
  EXPECT_EQ(done, whole.at("output"));
  EXPECT_EQ(last.at("response").at("output"), whole.at("output"));
  std::string types;
  for (const Json& item : whole.at("output")) {
    types += (types.empty() ? "" : " ") + item.at("type").get<std::string>();
    const std::string text = item.contains("arguments")
                                 ? item.at("arguments").get<std::string>()
                                 : item.at("content").at(0).at("text").get<std::string>();
    EXPECT_EQ(deltas[item.at("id")], text);
  }
  return types;
}

constexpr const char* kCall = "<tool_call>{\"name\":\"f\",\"arguments\":{\"a\":1}}</tool_call>";

TEST(Responses, TellWhatWasThoughtAsAnItemOfItsOwn) {
  EXPECT_EQ(ItemsOf(false, {"Yes", "."}), "message");
  EXPECT_EQ(ItemsOf(true, {"Well", ", so", "</think>", "Yes", "."}), "reasoning message");
  EXPECT_EQ(ItemsOf(true, {"Well</think>", kCall}), "reasoning function_call");
  EXPECT_EQ(ItemsOf(true, {"Well</think>Yes", kCall}), "reasoning message function_call");
  EXPECT_EQ(ItemsOf(false, {kCall}), "function_call");
  EXPECT_EQ(ItemsOf(true, {"Well"}, AskFinish::kLength), "reasoning");
  const Json cut = Json::parse(Answered(false, true, {"Well"}, AskFinish::kLength));
  EXPECT_EQ(cut.at("status"), "incomplete");
  EXPECT_EQ(cut.at("output").at(0).at("status"), "incomplete");
  EXPECT_EQ(cut.at("output").at(0).at("content").at(0).at("text"), "Well");
}

}  // namespace
}  // namespace ledge
