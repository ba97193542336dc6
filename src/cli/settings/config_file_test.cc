#include "cli/settings/config_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ledge {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Refusal(const std::string& text) {
  const auto file = ParseConfigFile(text, "/x/ledge.toml");
  if (file.ok()) return "";
  EXPECT_EQ(file.error().code, Code::kMalformed);
  return file.error().message;
}

TEST(ConfigFile, ListsValuesWithTheirLines) {
  const auto file = ParseConfigFile(
      "threads = 4\nhome = '~/x'\n\n[run]\ntemperature = 0.5\nno-store = true\n"
      "stop = [\"a\", 'b']\nsystem = \"\"\"\none\ntwo\"\"\"\n[bench]\nparallel = [1, 8]\n",
      "p");
  ASSERT_TRUE(file.ok()) << file.error().message;
  const auto& v = file->values;
  ASSERT_EQ(v.size(), 7U);
  EXPECT_EQ(v[0].table, "");
  EXPECT_EQ(v[0].key, "threads");
  EXPECT_EQ(v[0].type, ConfigType::kWhole);
  EXPECT_THAT(v[0].texts, ElementsAre("4"));
  EXPECT_EQ(v[0].line, 1U);
  EXPECT_THAT(v[1].texts, ElementsAre("~/x"));
  EXPECT_EQ(v[2].table, "run");
  EXPECT_EQ(v[2].type, ConfigType::kNumber);
  EXPECT_THAT(v[2].texts, ElementsAre("0.5"));
  EXPECT_EQ(v[2].line, 5U);
  EXPECT_EQ(v[3].type, ConfigType::kTrueOrFalse);
  EXPECT_EQ(v[4].type, ConfigType::kList);
  EXPECT_THAT(v[4].texts, ElementsAre("a", "b"));
  EXPECT_THAT(v[5].texts, ElementsAre("one\ntwo"));
  EXPECT_EQ(v[6].table, "bench");
  EXPECT_THAT(v[6].types, ElementsAre(ConfigType::kWhole, ConfigType::kWhole));
}

TEST(ConfigFile, KeepsWhatIsNoSettingForItsReader) {
  const auto file =
      ParseConfigFile("when = 1979-05-27\n[empty]\n[run.deep]\nx = 1\n[[more]]\n", "p");
  ASSERT_TRUE(file.ok()) << file.error().message;
  ASSERT_EQ(file->values.size(), 4U);
  EXPECT_EQ(file->values[0].type, ConfigType::kOther);
  EXPECT_EQ(file->values[1].type, ConfigType::kTable);
  EXPECT_EQ(file->values[2].type, ConfigType::kTable);
  EXPECT_EQ(file->values[2].key, "deep");
  EXPECT_EQ(file->values[3].type, ConfigType::kList);
}

TEST(ConfigFile, TakesTextsInAnyScript) {
  const auto file = ParseConfigFile(
      "# \u027B\na = \"\u027B\"\nb = \"\"\"\\\n  \u00DCber\"\"\"\nc = '\u3042'\n", "p");
  ASSERT_TRUE(file.ok()) << file.error().message;
  ASSERT_EQ(file->values.size(), 3U);
  EXPECT_THAT(file->values[0].texts, ElementsAre("\u027B"));
  EXPECT_THAT(file->values[1].texts, ElementsAre("\u00DCber"));
  EXPECT_THAT(file->values[2].texts, ElementsAre("\u3042"));
}

TEST(ConfigFile, MayBeEmpty) {
  for (const char* text : {"", "\n", "# nothing\n", "\xEF\xBB\xBF# byte order mark\n"}) {
    const auto file = ParseConfigFile(text, "p");
    ASSERT_TRUE(file.ok()) << text;
    EXPECT_THAT(file->values, IsEmpty());
  }
}

TEST(ConfigFile, RefusesWhatIsNoToml) {
  EXPECT_THAT(Refusal("threads = 4\nctx 1\n"), HasSubstr("/x/ledge.toml:2: "));
  EXPECT_THAT(Refusal("threads = 4\nctx 1\n"), HasSubstr("; write lines like threads = 4"));
  EXPECT_THAT(Refusal("\n\nx = 99999999999999999999\n"), HasSubstr("/x/ledge.toml:3: "));
  for (const std::string& text :
       {std::string("a"), std::string("a ="), std::string("a = 'x"), std::string("[run"),
        std::string("a = 1\na = 2"), std::string("a = \"\xff\""), std::string("a\0 = 1", 6),
        std::string("= 1"), std::string("a = \x1b"), std::string("{}"),
        std::string("a = {b = 1")}) {
    EXPECT_THAT(Refusal(text), HasSubstr("/x/ledge.toml:")) << text;
  }
}

TEST(ConfigFile, RefusesWhatTheParserDoesNotExpect) {
  for (const std::string& text :
       {std::string("[^.b]\nx = 1\n"), std::string("[.]"), std::string("[[^]]"),
        std::string("\u027B"), std::string("\u027B = 1"), std::string("a = \"\\\u027B\"")})
    EXPECT_THAT(Refusal(text), HasSubstr("; write lines like threads = 4")) << text;
}

TEST(ConfigFile, RefusesWhatWouldNestWithoutEnd) {
  std::string dotted = "a";
  for (int i = 0; i < 30'000; ++i) dotted += ".a";
  EXPECT_THAT(Refusal(dotted + " = 1"), HasSubstr("dots and brackets"));
  EXPECT_THAT(Refusal("[" + dotted + "]"), HasSubstr("dots and brackets"));
  EXPECT_THAT(Refusal("a = " + std::string(60'000, '[')), HasSubstr("dots and brackets"));
  EXPECT_THAT(Refusal(std::string(kMaxConfigBytes + 1, '\n')), HasSubstr("longer than"));
}

TEST(ConfigFile, BearsTheDeepestNestingItTakes) {
  std::string dotted = "a";
  for (size_t i = 0; i < kMaxConfigNesting; ++i) dotted += ".a";
  EXPECT_TRUE(ParseConfigFile(dotted + " = 1", "p").ok());
  EXPECT_NE(Refusal(dotted + " = 1\n" + "a = 1\n"), "");
  EXPECT_NE(Refusal("a = " + std::string(kMaxConfigNesting, '[')), "");
}

}  // namespace
}  // namespace ledge
