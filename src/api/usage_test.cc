// What the APIs count of an answer.
#include <gtest/gtest.h>

#include "api/exchange.h"
#include "api/json_reader.h"

namespace ledge {
namespace {

struct Said {
  std::string_view text;
  uint32_t tokens = 1;
};

// The document of an answer without a stream, of 9 tokens in all.
Json Answered(std::string_view path, const std::string& fields, bool thinking,
              const std::vector<Said>& pieces) {
  const std::string body = R"({"model":"m",)" + fields + "}";
  for (const ExchangeEntry* entry : AllExchanges()) {
    if (entry->path != path) continue;
    auto exchange = entry->parse({.body = body, .id = "1", .now_text = "now"});
    if (!exchange.ok()) return exchange.error().message;
    std::string out;
    (*exchange)->OnStarted(0, {.prompt_tokens = 3, .thinking = thinking}, out);
    for (const Said& said : pieces)
      (*exchange)->OnPiece(0, {.text = std::string(said.text), .tokens = said.tokens}, out);
    AskEnd end;
    end.usage.prompt_tokens = 3;
    end.usage.completion_tokens = 9;
    (*exchange)->OnEnd(0, end, out);
    (*exchange)->OnAllEnded(out);
    return Json::parse(out, nullptr, false);
  }
  return "no such endpoint";
}

int OfChat(bool thinking, const std::vector<Said>& pieces) {
  const Json body = Answered("/v1/chat/completions",
                             R"("messages":[{"role":"user","content":"a"}])", thinking, pieces);
  return body.at("usage").at("completion_tokens_details").at("reasoning_tokens").get<int>();
}

TEST(Usage, TellsHowManyTokensWereThought) {
  // The mark at the end and the lines behind it belong to what was thought.
  EXPECT_EQ(OfChat(true, {{"Well"}, {" so", 2}, {"</think>"}, {"\n\n"}, {"Yes"}, {"."}}), 5);
  EXPECT_EQ(OfChat(false, {{"<think>"}, {"Well"}, {"</think>"}, {"Yes"}}), 3);
  EXPECT_EQ(OfChat(false, {{"Yes"}, {"."}}), 0);
  // Nothing but thoughts: all tokens, also those whose text was in no piece.
  EXPECT_EQ(OfChat(true, {{"Well"}}), 9);
  const Json body = Answered("/v1/responses", R"("input":"a")", true, {{"Well"}, {"</think>Yes"}});
  EXPECT_EQ(body.at("usage").at("output_tokens_details").at("reasoning_tokens"), 1);
}

}  // namespace
}  // namespace ledge
