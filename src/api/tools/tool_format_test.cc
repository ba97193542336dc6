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
  bool operator==(const Read&) const = default;
};

void Add(const AnswerPart& part, Read& read) {
  read.content += part.content;
  read.reasoning += part.reasoning;
  for (const ToolCall& call : part.tool_calls) {
    read.calls.push_back(call.name + call.arguments);
    read.ids.push_back(call.id);
  }
}

// However the text is cut, the same must come of it: it is read in one piece and in pieces of one
// character.
Read ReadAs(ToolFormat format, const std::string& text) {
  const auto fed = [&](size_t step) {
    auto reader = MakeToolReader(format, {{"get_weather", "add"}, "r1"});
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
  EXPECT_EQ(fed(1), whole) << text;
  EXPECT_EQ(fed(7), whole) << text;
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
constexpr const char* kAdd = "add{\"a\":1,\"b\":[2,\"}\"]}";

TEST(ToolFormat, HermesTellsCallsBetweenTags) {
  const Read read =
      ReadAs(ToolFormat::kHermes,
             "<think>hm</think>\nLet me look.\n<tool_call>\n{\"name\": \"get_weather\", "
             "\"arguments\": {\"city\": \"Ulm\"}}\n</tool_call>\n<tool_call>{\"name\":"
             "\"add\",\"arguments\":{\"a\":1,\"b\":[2,\"}\"]}}</tool_call>\n");
  EXPECT_THAT(read.calls, ElementsAre(kWeather, kAdd));
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
       "<tool_call>{\"name\":3}</tool_call> and on", "<tool_call>{\"name\":\"f\"}</tool_call>",
       "<tool_call></tool_call>", "<tool_call>{\"name\":\"f\",\"arguments\":[1]}</tool_call>"});
}

TEST(ToolFormat, Llama3TellsAnAnswerThatIsACall) {
  EXPECT_THAT(CallsOf(ToolFormat::kLlama3,
                      "{\"name\": \"get_weather\", \"parameters\": {\"city\": \"Ulm\"}}"),
              ElementsAre(kWeather));
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
                                    "[TOOL_CALLS][{\"name\":\"f\",\"arguments\":{}}"});
}

TEST(ToolFormat, FunctionaryTellsBothItsWays) {
  EXPECT_THAT(CallsOf(ToolFormat::kFunctionary31,
                      "<function=get_weather>{\"city\": \"Ulm\"}</function><function=add>"
                      "{\"a\":1,\"b\":[2,\"}\"]}</function>"),
              ElementsAre(kWeather, kAdd));
  ExpectText(ToolFormat::kFunctionary31,
             {"<function=f>x</function>", "<function>{}</function>", "<function=f>{\"a\":1", "f"});
  const Read read = ReadAs(ToolFormat::kFunctionary32,
                           "all\nLooking > it up>>>get_weather\n{\"city\": \"Ulm\"}\n>>>add\n"
                           "{\"a\":1,\"b\":[2,\"}\"]}");
  EXPECT_EQ(read.content, "Looking > it up");
  EXPECT_THAT(read.calls, ElementsAre(kWeather, kAdd));
  EXPECT_THAT(CallsOf(ToolFormat::kFunctionary32, "get_weather\n{\"city\": \"Ulm\"}"),
              ElementsAre(kWeather));
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
  EXPECT_THAT(read.calls, ElementsAre(kWeather));
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
  EXPECT_THAT(read.calls, ElementsAre(kWeather, kAdd));
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
