// Against Python's Jinja2: see scripts/make-template-goldens.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "engine/template/chat_template.h"
#include "testing/shared_data.h"

namespace ledge {
namespace {

using nlohmann::ordered_json;

std::string ReadText(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

ordered_json Data(const std::string& name) {
  const auto path = std::filesystem::path("tests/data/templates") / (name + ".json");
  return ordered_json::parse(ReadText(path), nullptr, false);
}

// The moment that the goldens were rendered at: 2024-07-26 09:05:03 local time.
std::chrono::system_clock::time_point GoldenNow() {
  tm local = {};
  local.tm_year = 124;
  local.tm_mon = 6;
  local.tm_mday = 26;
  local.tm_hour = 9;
  local.tm_min = 5;
  local.tm_sec = 3;
  local.tm_isdst = -1;
  return std::chrono::system_clock::from_time_t(mktime(&local));
}

RenderInput InputOf(const ordered_json& conversation) {
  RenderInput input;
  input.messages = &conversation["messages"];
  if (conversation.contains("tools")) input.tools = &conversation["tools"];
  if (conversation.contains("extra")) input.extra = &conversation["extra"];
  input.add_generation_prompt = conversation["add_generation_prompt"];
  input.bos_token = conversation["bos_token"];
  input.eos_token = conversation["eos_token"];
  input.now = GoldenNow();
  return input;
}

void ExpectLikePython(const ordered_json& golden, const Result<Rendered>& rendered) {
  if (golden.contains("text")) {
    ASSERT_TRUE(rendered.ok()) << rendered.error().message;
    EXPECT_EQ(rendered->text, golden["text"].get<std::string>());
  } else if (golden.contains("refused")) {
    ASSERT_FALSE(rendered.ok());
    EXPECT_EQ(rendered.error().code, Code::kUsage);
    EXPECT_THAT(rendered.error().message,
                ::testing::HasSubstr(golden["refused"].get<std::string>()));
  } else if (golden["error"].get<std::string>().find("not iterable") != std::string::npos) {
    EXPECT_TRUE(rendered.ok()) << rendered.error().message;  // our liberty: none has no items
  } else {
    ASSERT_FALSE(rendered.ok());
    EXPECT_EQ(rendered.error().code, Code::kMalformed);
    EXPECT_THAT(rendered.error().message, ::testing::HasSubstr(", line "));
  }
}

TEST(ChatTemplateGolden, SnippetsRenderAsInPython) {
  const auto snippets = Data("snippets");
  ASSERT_GT(snippets.size(), 40u);
  const ordered_json none = ordered_json::array();
  for (const auto& snippet : snippets) {
    const std::string source = snippet["source"];
    SCOPED_TRACE(source);
    auto parsed = ChatTemplate::Parse(source, "snippet");
    ASSERT_TRUE(parsed.ok()) << parsed.error().message;
    RenderInput input;
    input.messages = &none;
    input.now = GoldenNow();
    const auto rendered = parsed->Render(input);
    ASSERT_TRUE(rendered.ok()) << rendered.error().message;
    EXPECT_EQ(rendered->text, snippet["text"].get<std::string>());
  }
}

TEST(ChatTemplateGolden, RealTemplatesRenderAsInPython) {
  LEDGE_SHARED_OR_SKIP(folder, "data/templates");
  const auto conversations = Data("conversations");
  const auto goldens = Data("goldens");
  ASSERT_GT(goldens.size(), 100u);
  for (const auto& golden : goldens) {
    const std::string file = golden["template"];
    SCOPED_TRACE(file + ", " + golden["conversation"].get<std::string>());
    auto parsed = ChatTemplate::Parse(ReadText(folder + "/" + file), file);
    ASSERT_TRUE(parsed.ok()) << parsed.error().message;
    const auto& conversation = conversations[golden["conversation"].get<std::string>()];
    ExpectLikePython(golden, parsed->Render(InputOf(conversation)));
  }
}

}  // namespace
}  // namespace ledge
