#include "load/chat_wire.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "testing/result_matchers.h"

namespace ledge {
namespace {

using nlohmann::json;

TEST(ChatWire, AsksForAStreamWithUsage) {
  ASSERT_OK_AND_ASSIGN(const std::string text, ChatBody({.model = "m",
                                                         .system = "be brief",
                                                         .prompt = "why?",
                                                         .schema = R"({"type":"object"})",
                                                         .max_tokens = 9,
                                                         .temperature = 0.5}));
  const json body = json::parse(text);
  EXPECT_EQ(body["model"], "m");
  EXPECT_EQ(body["max_tokens"], 9);
  EXPECT_EQ(body["temperature"], 0.5);
  EXPECT_EQ(body["stream_options"]["include_usage"], true);
  EXPECT_EQ(body["messages"].size(), 2U);
  EXPECT_EQ(body["messages"][1]["content"], "why?");
  EXPECT_EQ(body["response_format"]["json_schema"]["schema"]["type"], "object");
  EXPECT_FALSE(body.contains("ignore_eos"));
  ASSERT_OK_AND_ASSIGN(const std::string whole, ChatBody({.ignore_end = true}));
  EXPECT_EQ(json::parse(whole)["ignore_eos"], true);
  EXPECT_ERROR(ChatBody({.schema = "{"}), Code::kMalformed, "no JSON");
  // Bytes of a prompt that are no text do not end the test.
  EXPECT_OK(ChatBody({.prompt = "\xff\xfe"}));
}

TEST(ChatWire, ReadsChunks) {
  ASSERT_OK_AND_ASSIGN(const ChatChunk role,
                       ParseChatChunk(R"({"choices":[{"delta":{"role":"assistant"}}]})"));
  EXPECT_FALSE(role.has_text);
  for (const char* field : {"content", "reasoning_content", "reasoning"}) {
    const json chunk = {{"choices", {{{"delta", {{field, "hi"}}}}}}};
    ASSERT_OK_AND_ASSIGN(const ChatChunk text, ParseChatChunk(chunk.dump()));
    EXPECT_TRUE(text.has_text) << field;
  }
  ASSERT_OK_AND_ASSIGN(
      const ChatChunk last,
      ParseChatChunk(R"({"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":5,
                     "prompt_tokens_details":{"cached_tokens":4},
                     "completion_tokens_details":{"forced_tokens":2}}})"));
  ASSERT_TRUE(last.usage);
  EXPECT_EQ(last.usage->prompt_tokens, 7U);
  EXPECT_EQ(last.usage->cached_tokens, 4U);
  EXPECT_EQ(last.usage->completion_tokens, 5U);
  EXPECT_EQ(last.usage->forced_tokens, 2U);
  ASSERT_OK_AND_ASSIGN(const ChatChunk failed,
                       ParseChatChunk(R"({"error":{"message":"the worker died"}})"));
  EXPECT_EQ(failed.error, "the worker died");
}

TEST(ChatWire, TakesWhateverAServerSends) {
  for (const char* text : {"", "[]", "7", "{", "\xff", "null"})
    EXPECT_ERROR(ParseChatChunk(text), Code::kMalformed, "no JSON object");
  for (const char* text :
       {"{}", R"({"choices":7})", R"({"choices":[7,null,{"delta":[]}],"usage":[]})",
        R"({"usage":{"prompt_tokens":-1,"prompt_tokens_details":3,"completion_tokens":"x"}})"}) {
    ASSERT_OK_AND_ASSIGN(const ChatChunk chunk, ParseChatChunk(text));
    EXPECT_FALSE(chunk.has_text);
    EXPECT_EQ(chunk.error, "");
    EXPECT_EQ(chunk.usage.value_or(ChatUsage{}).prompt_tokens, 0U);
  }
  EXPECT_EQ(ErrorMessageOf("<html>"), "");
  EXPECT_EQ(ErrorMessageOf(R"({"error":"no"})"), "no");
  ASSERT_OK_AND_ASSIGN(const std::string model, FirstModelOf(R"({"data":[{"id":"a"}]})"));
  EXPECT_EQ(model, "a");
  EXPECT_ERROR(FirstModelOf(R"({"data":[]})"), Code::kNotFound, "--model");
}

}  // namespace
}  // namespace ledge
