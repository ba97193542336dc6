// Against Python's Jinja2: see scripts/make-template-goldens.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "engine/template/chat_template.h"
#include "testing/result_matchers.h"
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
  std::set<std::string> files;
  for (const auto& golden : goldens) {
    const std::string file = golden["template"];
    files.insert(file);
    SCOPED_TRACE(file + ", " + golden["conversation"].get<std::string>());
    auto parsed = ChatTemplate::Parse(ReadText(folder + "/" + file), file);
    ASSERT_TRUE(parsed.ok()) << parsed.error().message;
    const auto& conversation = conversations[golden["conversation"].get<std::string>()];
    ExpectLikePython(golden, parsed->Render(InputOf(conversation)));
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string file = entry.path().filename();
    if (file.ends_with(".jinja")) {
      EXPECT_TRUE(files.contains(file)) << file << " has no golden; see the top of " << __FILE__;
    }
  }
}

// What people ask for first: one question; behind a system message, where the template takes it;
// with tools. None of it may be lost on the way.
TEST(ChatTemplateGolden, RealTemplatesShowQuestionsSystemMessagesAndTools) {
  LEDGE_SHARED_OR_SKIP(folder, "data/templates");
  const auto conversations = Data("conversations");
  int with_tools = 0;
  int without_system = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string file = entry.path().filename();
    if (!file.ends_with(".jinja")) continue;
    SCOPED_TRACE(file);
    ASSERT_OK_AND_ASSIGN(const auto parsed, ChatTemplate::Parse(ReadText(entry.path()), file));
    ASSERT_OK_AND_ASSIGN(const auto user, parsed.Render(InputOf(conversations["user"])));
    EXPECT_THAT(user.text, ::testing::HasSubstr("Hello, <|im_start|>there</s>!"));
    const auto system = parsed.Render(InputOf(conversations["system"]));
    if (system.ok()) {
      EXPECT_THAT(system->text, ::testing::HasSubstr("You are a terse pirate."));
      EXPECT_THAT(system->text, ::testing::HasSubstr("Was kostet ein Bahnticket?"));
    } else {
      EXPECT_ERROR(system, Code::kUsage, "System role not supported");
      ++without_system;
    }
    const auto tools = parsed.Render(InputOf(conversations["tools"]));
    if (tools.ok() && tools->text.find("get_weather") != std::string::npos) ++with_tools;
  }
  EXPECT_LE(without_system, 1);
  EXPECT_GE(with_tools, 10);
}

}  // namespace
}  // namespace ledge
