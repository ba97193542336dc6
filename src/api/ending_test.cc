// What each API says at the end of an answer that outgrew its context.
#include <gtest/gtest.h>

#include "api/exchange.h"

namespace ledge {
namespace {

constexpr std::string_view kChat = R"("messages":[{"role":"user","content":"a"}])";

struct Case {
  std::string_view path;
  std::string fields;
};

const std::vector<Case>& Cases() {
  static const std::vector<Case> cases = {
      {"/v1/chat/completions", std::string(kChat)},
      {"/v1/completions", R"("prompt":"a")"},
      {"/v1/responses", R"("input":"a")"},
      {"/v1/messages", std::string(kChat) + R"(,"max_tokens":100)"},
      {"/api/chat", std::string(kChat)},
      {"/api/generate", R"("prompt":"a")"}};
  return cases;
}

// All that is sent for an answer of one piece.
std::string Answered(const Case& of, bool stream, uint64_t dropped) {
  const std::string body =
      R"({"model":"m","stream":)" + std::string(stream ? "true" : "false") + "," + of.fields + "}";
  for (const ExchangeEntry* entry : AllExchanges()) {
    if (entry->path != of.path) continue;
    auto exchange = entry->parse({.body = body, .id = "1", .now_text = "now"});
    if (!exchange.ok()) return "refused: " + exchange.error().message;
    std::string out;
    (*exchange)->OnStarted(0, {.prompt_tokens = 3}, out);
    (*exchange)->OnPiece(0, {.text = "b"}, out);
    AskEnd end{.finish = AskFinish::kLength};
    end.usage.completion_tokens = 100;
    end.usage.dropped_tokens = dropped;
    (*exchange)->OnEnd(0, end, out);
    (*exchange)->OnAllEnded(out);
    return out;
  }
  return "no such endpoint";
}

TEST(Ending, SaysWhatAShiftOfTheContextDropped) {
  constexpr std::string_view kSaid = R"("context_shift":{"dropped_tokens":77})";
  for (const Case& of : Cases()) {
    for (const bool stream : {false, true}) {
      const std::string out = Answered(of, stream, 77);
      const size_t first = out.find(kSaid);
      EXPECT_NE(first, out.npos) << of.path << ": " << out;
      EXPECT_EQ(out.find("context_shift", first + kSaid.size()), out.npos) << of.path;
      EXPECT_EQ(Answered(of, stream, 0).find("context_shift"), out.npos) << of.path;
    }
  }
}

}  // namespace
}  // namespace ledge
