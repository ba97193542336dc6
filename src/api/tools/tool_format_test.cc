#include "api/tools/tool_format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "testing/shared_data.h"

namespace ledge {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// What comes of an answer: content, and calls as "name{...}".
struct Read {
  std::string content;
  std::string reasoning;
  std::vector<std::string> calls;
  std::vector<std::string> ids;
  size_t ended = 0;
  bool operator==(const Read&) const = default;
};

void Add(const std::vector<AnswerPart>& parts, Read& read) {
  for (const AnswerPart& part : parts) {
    read.reasoning += part.reasoning;
    read.content += part.content;
    for (const CallPart& call : part.calls) {
      if (!call.name.empty()) {
        EXPECT_EQ(call.index, read.calls.size());
        read.calls.push_back(call.name);
        read.ids.push_back(call.id);
      }
      ASSERT_LT(call.index, read.calls.size());
      read.calls[call.index] += call.arguments;
      if (call.broken) read.calls[call.index] += " broken";
      read.ended += call.ended ? 1 : 0;
    }
  }
}

// However the text is cut, the same must come of it: it is read in one piece and in pieces of one
// character.
Read ReadAs(ToolFormat format, const std::string& text, bool one_call = false) {
  const auto fed = [&](size_t step) {
    auto reader = MakeToolReader(
        format, {.names = {"get_weather", "add"}, .salt = "r1", .one_call = one_call});
    Read read;
    for (size_t at = 0; at < text.size();) {
      size_t length = std::min(step, text.size() - at);
      while (at + length < text.size() && (text[at + length] & 0xC0) == 0x80) ++length;
      Add(reader->Feed(std::string_view(text).substr(at, length)), read);
      at += length;
    }
    Add(reader->Finish(), read);
    return read;
  };
  const Read whole = fed(text.size() + 1);
  EXPECT_EQ(fed(1).content, whole.content) << text;
  EXPECT_EQ(fed(1).calls, whole.calls) << text;
  EXPECT_EQ(fed(1), whole) << text;
  EXPECT_EQ(fed(7), whole) << text;
  EXPECT_EQ(whole.ended, whole.calls.size()) << text;
  return whole;
}

std::vector<std::string> CallsOf(ToolFormat format, const std::string& text) {
  return ReadAs(format, text).calls;
}

// None of them is a call, and nothing of them is lost.
void ExpectText(ToolFormat format, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    const Read read = ReadAs(format, text);
    EXPECT_THAT(read.calls, IsEmpty()) << text;
    EXPECT_EQ(read.content, text);
  }
}

constexpr const char* kWeather = "get_weather{\"city\":\"Ulm\"}";
// As models mostly write it.
constexpr const char* kSpacedWeather = "get_weather{\"city\": \"Ulm\"}";
constexpr const char* kAdd = "add{\"a\":1,\"b\":[2,\"}\"]}";

TEST(ToolFormat, HermesTellsCallsBetweenTags) {
  const Read read =
      ReadAs(ToolFormat::kHermes,
             "<think>hm</think>\nLet me look.\n<tool_call>\n{\"name\": \"get_weather\", "
             "\"arguments\": {\"city\": \"Ulm\"}}\n</tool_call>\n<tool_call>{\"name\":"
             "\"add\",\"arguments\":{\"a\":1,\"b\":[2,\"}\"]}}</tool_call>\n");
  EXPECT_THAT(read.calls, ElementsAre(kSpacedWeather, kAdd));
  EXPECT_EQ(read.content, "Let me look.");
  EXPECT_EQ(read.reasoning, "hm");
  EXPECT_EQ(read.ids.size(), 2u);
  EXPECT_NE(read.ids[0], read.ids[1]);
  EXPECT_EQ(read.ids[0].size(), 9u);
  // Without its end, which the end of the answer stands for.
  EXPECT_THAT(CallsOf(ToolFormat::kHermes,
                      "<tool_call>{\"name\":\"get_weather\",\"arguments\":{\"city\":\"Ulm\"}}"),
              ElementsAre(kWeather));
  ExpectText(
      ToolFormat::kHermes,
      {"plain", "a < b <tool", "<tool_call>{\"name\":\"f\",\"arguments\":{\"a\":",
       "<tool_call>{\"name\":\"f\",\"arguments\":{'a':1}}</tool_call>",
       "<tool_call>{\"name\":3}</tool_call> and on", "<tool_call>{\"name\":\"f\"}</tool_call>",
       "<tool_call></tool_call>", "<tool_call>{\"name\":\"f\",\"arguments\":[1]}</tool_call>"});
}

TEST(ToolFormat, Llama3TellsAnAnswerThatIsACall) {
  EXPECT_THAT(CallsOf(ToolFormat::kLlama3,
                      "{\"name\": \"get_weather\", \"parameters\": {\"city\": \"Ulm\"}}"),
              ElementsAre(kSpacedWeather));
  EXPECT_THAT(CallsOf(ToolFormat::kLlama3,
                      "\n{\"name\":\"get_weather\",\"parameters\":{\"city\":\"Ulm\"}}; "
                      "{\"name\":\"add\",\"parameters\":{\"a\":1,\"b\":[2,\"}\"]}}"),
              ElementsAre(kWeather, kAdd));
  EXPECT_THAT(CallsOf(ToolFormat::kLlama3,
                      "<|python_tag|>{\"name\":\"get_weather\",\"parameters\":{\"city\":\"Ulm\"}}"),
              ElementsAre(kWeather));
  EXPECT_THAT(
      CallsOf(ToolFormat::kLlama3, "<|python_tag|>brave_search.call(query=\"a \\\"b\\\", c\")"),
      ElementsAre("brave_search{\"query\":\"a \\\"b\\\", c\"}"));
  ExpectText(ToolFormat::kLlama3,
             {"It is {\"name\":\"get_weather\",\"parameters\":{}}", "{\"name\":\"Ada\",\"age\":36}",
              "{\"name\":\"unknown\",\"parameters\":{}}", "{\"name\":\"get_weather\",\"param",
              "<|python_tag|>print(1)", "<|python_tag|>a.call(b)", "{}", "[1,2]", "{"});
}

TEST(ToolFormat, MistralTellsAListBehindItsMark) {
  const Read read =
      ReadAs(ToolFormat::kMistral,
             "Hm. [TOOL_CALLS][{\"name\":\"get_weather\",\"arguments\":{\"city\":\"Ulm\"}},"
             "{\"name\":\"add\",\"arguments\":{\"a\":1,\"b\":[2,\"}\"]},\"id\":\"123456789\"}]");
  EXPECT_THAT(read.calls, ElementsAre(kWeather, kAdd));
  EXPECT_EQ(read.content, "Hm.");
  ExpectText(ToolFormat::kMistral, {"[TOOL", "[TOOL_CALLS] none", "[TOOL_CALLS][{\"name\":\"f\"}]",
                                    "[TOOL_CALLS][{\"name\":\"f\",\"argum"});
}

TEST(ToolFormat, FunctionaryTellsBothItsWays) {
  EXPECT_THAT(CallsOf(ToolFormat::kFunctionary31,
                      "<function=get_weather>{\"city\": \"Ulm\"}</function><function=add>"
                      "{\"a\":1,\"b\":[2,\"}\"]}</function>"),
              ElementsAre(kSpacedWeather, kAdd));
  ExpectText(ToolFormat::kFunctionary31,
             {"<function=f>x</function>", "<function>{}</function>", "<function=f>{\"a\":", "f"});
  const Read read = ReadAs(ToolFormat::kFunctionary32,
                           "all\nLooking > it up>>>get_weather\n{\"city\": \"Ulm\"}\n>>>add\n"
                           "{\"a\":1,\"b\":[2,\"}\"]}");
  EXPECT_EQ(read.content, "Looking > it up");
  EXPECT_THAT(read.calls, ElementsAre(kSpacedWeather, kAdd));
  EXPECT_THAT(CallsOf(ToolFormat::kFunctionary32, "get_weather\n{\"city\": \"Ulm\"}"),
              ElementsAre(kSpacedWeather));
  EXPECT_EQ(ReadAs(ToolFormat::kFunctionary32, "all\nHello").content, "Hello");
  ExpectText(ToolFormat::kFunctionary32,
             {"Hello", "get_weather\n{\"city\":", "get_weather\nno", "unknown\n{}", "get_wea"});
}

TEST(ToolFormat, FirefunctionTellsFunctools) {
  EXPECT_THAT(CallsOf(ToolFormat::kFirefunction,
                      " functools[{\"name\":\"get_weather\",\"arguments\":{\"city\":\"Ulm\"}}]"),
              ElementsAre(kWeather));
  ExpectText(ToolFormat::kFirefunction,
             {"functools", "functools[1]", "functools[{\"name\":\"f\"}"});
}

TEST(ToolFormat, CommandRTellsItsActions) {
  const Read read = ReadAs(ToolFormat::kCommandR,
                           "Plan.\nAction: ```json\n[\n  {\"tool_name\": \"get_weather\", "
                           "\"parameters\": {\"city\": \"Ulm\"}}\n]\n```");
  EXPECT_THAT(read.calls, ElementsAre(kSpacedWeather));
  EXPECT_EQ(read.content, "Plan.");
  EXPECT_THAT(
      CallsOf(ToolFormat::kCommandR,
              "Action: ```json\n[{\"tool_name\":\"directly-answer\",\"parameters\":{}}]\n```"),
      IsEmpty());
  ExpectText(ToolFormat::kCommandR, {"Action: ```json\nno\n```", "Action: none"});
  const Read newer =
      ReadAs(ToolFormat::kCommandR7b,
             "<|START_THINKING|>I look.<|END_THINKING|><|START_ACTION|>[\n{\"tool_call_id\":"
             "\"0\",\"tool_name\":\"get_weather\",\"parameters\":{\"city\":\"Ulm\"}}\n]"
             "<|END_ACTION|>");
  EXPECT_THAT(newer.calls, ElementsAre(kWeather));
  EXPECT_EQ(newer.reasoning, "I look.");
  EXPECT_EQ(newer.content, "");
  EXPECT_EQ(ReadAs(ToolFormat::kCommandR7b, "<|START_RESPONSE|>Hi <b><|END_RESPONSE|>").content,
            "Hi <b>");
  EXPECT_EQ(ReadAs(ToolFormat::kCommandR7b, "<|START_THINKING|>broken").reasoning, "broken");
  ExpectText(ToolFormat::kCommandR7b, {"<|START_ACTION|>[{\"tool_name\":", "<|START_"});
}

TEST(ToolFormat, DeepSeekTellsItsBlocks) {
  const Read read = ReadAs(
      ToolFormat::kDeepSeek,
      "<think>\nhm\n</"
      "think>\n\n<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get_weather\n"
      "```json\n{\"city\": "
      "\"Ulm\"}\n```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>add\n"
      "```json\n{\"a\":1,\"b\":[2,\"}\"]}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>");
  EXPECT_THAT(read.calls, ElementsAre(kSpacedWeather, kAdd));
  EXPECT_EQ(read.reasoning, "\nhm\n");
  EXPECT_EQ(read.content, "");
  ExpectText(ToolFormat::kDeepSeek, {"<｜tool▁call▁begin｜>function<｜tool▁sep｜>f\n```json\n{",
                                     "<｜tool▁call▁begin｜>nothing<｜tool▁call▁end｜>", "<｜"});
}

TEST(ToolFormat, GenericTellsKnownToolsAlone) {
  EXPECT_THAT(
      CallsOf(ToolFormat::kGeneric, "{\"name\":\"get_weather\",\"arguments\":{\"city\":\"Ulm\"}}"),
      ElementsAre(kWeather));
  EXPECT_THAT(CallsOf(ToolFormat::kGeneric,
                      "```json\n[{\"function\":{\"name\":\"get_weather\",\"arguments\":"
                      "\"{\\\"city\\\":\\\"Ulm\\\"}\"}}]\n```"),
              ElementsAre(kWeather));
  ExpectText(ToolFormat::kGeneric,
             {"text", "{\"name\":\"Ada\",\"arguments\":{}}", "{\"name\":\"get_weather\"}", "[]",
              "{\"name\":\"get_weather\",\"arguments\":{", " \n ", std::string(200, '[')});
}

// Parts that have come after so many bytes of the answer.
Read ReadBegin(ToolFormat format, std::string_view text) {
  auto reader = MakeToolReader(format, {.names = {"get_weather", "add"}, .salt = "r1"});
  Read read;
  Add(reader->Feed(text), read);
  return read;
}

TEST(ToolFormat, ArgumentsAreToldAsTheyAreWritten) {
  struct Case {
    ToolFormat format;
    const char* begin;
  };
  for (const Case& c :
       {Case{ToolFormat::kHermes, "Hm.<tool_call>\n{\"name\": \"add\", \"arguments\": "},
        Case{ToolFormat::kLlama3, "{\"type\": \"function\", \"name\": \"add\", \"parameters\": "},
        Case{ToolFormat::kMistral, "[TOOL_CALLS] [{\"name\": \"add\", \"arguments\": "},
        Case{ToolFormat::kFunctionary31, "<function=add>"},
        Case{ToolFormat::kFunctionary32, "add\n"},
        Case{ToolFormat::kFirefunction, "functools[{\"name\": \"add\", \"arguments\": "},
        Case{ToolFormat::kCommandR,
             "Action: ```json\n[\n{\"tool_name\": \"add\", \"parameters\": "},
        Case{ToolFormat::kCommandR7b,
             "<|START_ACTION|>[{\"tool_call_id\":\"0\",\"tool_name\": "
             "\"add\", \"parameters\": "},
        Case{ToolFormat::kDeepSeek, "<｜tool▁call▁begin｜>function<｜tool▁sep｜>add\n```json\n"},
        Case{ToolFormat::kGeneric, "```json\n[{\"name\": \"add\", \"arguments\": "},
        Case{ToolFormat::kForced, "{\"name\":\"add\",\"arguments\":"}}) {
    const std::string begin = c.begin;
    EXPECT_THAT(ReadBegin(c.format, begin + "{\"a\":").calls, IsEmpty()) << begin;
    EXPECT_THAT(ReadBegin(c.format, begin + "{\"a\": \"x}").calls, ElementsAre("add{\"a\": \"x}"))
        << begin;
    EXPECT_EQ(ReadBegin(c.format, begin + "{\"a\":[{}").ended, 0u) << begin;
    EXPECT_EQ(ReadBegin(c.format, begin + "{\"a\":[{}]}").ended, 1u) << begin;
    EXPECT_EQ(ReadBegin(c.format, begin + "{}").ended, 1u) << begin;
  }
}

TEST(ToolFormat, WhatWasToldStaysWhereTheAnswerBreaksOff) {
  EXPECT_THAT(CallsOf(ToolFormat::kHermes,
                      "<tool_call>{\"name\":\"add\",\"arguments\":{\"a\":\"</tool_call>"),
              ElementsAre("add{\"a\":\"</tool_call> broken"));
  EXPECT_THAT(CallsOf(ToolFormat::kMistral, "[TOOL_CALLS][{\"name\":\"f\",\"arguments\":{}}"),
              ElementsAre("f{}"));
  EXPECT_THAT(CallsOf(ToolFormat::kFunctionary31, "<function=f>{\"a\":1"),
              ElementsAre("f{\"a\":1 broken"));
}

TEST(ToolFormat, ArgumentsThatTurnOutToBeNoJsonEndWithTheirBlock) {
  const Read read = ReadAs(ToolFormat::kHermes,
                           "<tool_call>{\"name\":\"add\",\"arguments\":{\"a\":1, b:2}}</tool_call>"
                           "<tool_call>{\"name\":\"f\",\"arguments\":{}}</tool_call>ok");
  EXPECT_THAT(read.calls, ElementsAre("add{\"a\":1, b:2}}", "f{}"));
  EXPECT_EQ(read.content, "ok");
}

TEST(ToolFormat, BracesAndMarksThatModelsForgetAreForgiven) {
  const Read read = ReadAs(
      ToolFormat::kHermes,
      "<tool_call>{\"name\":\"f\",\"arguments\":{\"a\":1}\n</tool_call><tool_call>"
      "{\"name\":\"g\",\"arguments\":{},\"id\":\"7\"}\n{\"name\":\"h\",\"arguments\":{}} on");
  EXPECT_THAT(read.calls, ElementsAre("f{\"a\":1}", "g{}", "h{}"));
  EXPECT_EQ(read.content, " on");
}

TEST(ToolFormat, OneCallIsAllWhereOneIsAllowed) {
  const std::string two =
      "{\"name\":\"add\",\"arguments\":{\"a\":1,\"b\":[2,\"}\"]}},{\"name\":\"get_weather\","
      "\"arguments\":{\"city\":\"Ulm\"}}";
  for (const std::string& text :
       {"a[TOOL_CALLS][" + two + "]", "a[TOOL_CALLS][" + two + "] and more text"}) {
    const Read read = ReadAs(ToolFormat::kMistral, text, true);
    EXPECT_THAT(read.calls, ElementsAre(kAdd));
    EXPECT_EQ(read.content, "a");
  }
  // Told as a whole, since the names come last.
  EXPECT_THAT(ReadAs(ToolFormat::kHermes,
                     "<tool_call>{\"arguments\":{},\"name\":\"f\"}</tool_call>"
                     "<tool_call>{\"arguments\":{},\"name\":\"g\"}</tool_call>",
                     true)
                  .calls,
              ElementsAre("f{}"));
}

TEST(ToolFormat, SpaceOfTextsStays) {
  EXPECT_EQ(ReadAs(ToolFormat::kHermes, "  a \n b\n\n").content, "  a \n b\n\n");
  EXPECT_EQ(ReadAs(ToolFormat::kHermes,
                   "<tool_call>{\"name\":\"add\",\"arguments\":{}}</tool_call>\n\nc d e")
                .content,
            "\n\nc d e");
}

TEST(ToolFormat, IsToldFromTheTemplate) {
  const std::pair<const char*, ToolFormat> templates[] = {
      {"CohereForAI-c4ai-command-r-plus-tool_use", ToolFormat::kCommandR},
      {"CohereForAI-c4ai-command-r7b-12-2024-tool_use", ToolFormat::kCommandR7b},
      {"NousResearch-Hermes-2-Pro-Llama-3-8B-tool_use", ToolFormat::kHermes},
      {"NousResearch-Hermes-3-Llama-3.1-8B-tool_use", ToolFormat::kHermes},
      {"Qwen-Qwen2.5-7B-Instruct", ToolFormat::kHermes},
      {"deepseek-ai-DeepSeek-R1-Distill-Llama-8B", ToolFormat::kDeepSeek},
      {"deepseek-ai-DeepSeek-R1-Distill-Qwen-32B", ToolFormat::kDeepSeek},
      {"llama-cpp-deepseek-r1", ToolFormat::kDeepSeek},
      {"fireworks-ai-llama-3-firefunction-v2", ToolFormat::kFirefunction},
      {"google-gemma-2-2b-it", ToolFormat::kNone},
      {"meetkai-functionary-medium-v3.1", ToolFormat::kFunctionary31},
      {"meetkai-functionary-medium-v3.2", ToolFormat::kFunctionary32},
      {"meta-llama-Llama-3.1-8B-Instruct", ToolFormat::kLlama3},
      {"meta-llama-Llama-3.2-3B-Instruct", ToolFormat::kLlama3},
      {"meta-llama-Llama-3.3-70B-Instruct", ToolFormat::kLlama3},
      {"microsoft-Phi-3.5-mini-instruct", ToolFormat::kNone},
      {"mistralai-Mistral-Nemo-Instruct-2407", ToolFormat::kMistral}};
  for (const auto& [name, format] : templates) {
    LEDGE_SHARED_OR_SKIP(path, "data/templates/" + std::string(name) + ".jinja");
    std::ifstream file(path);
    const std::string source(std::istreambuf_iterator<char>(file), {});
    EXPECT_EQ(static_cast<int>(ToolFormatOf(source)), static_cast<int>(format)) << name;
  }
}

}  // namespace
}  // namespace ledge
