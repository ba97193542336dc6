// Templates that come with a malicious model. Each must end in an error within bounded time and
// memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/template/chat_template.h"
#include "engine/template/limits.h"
#include "testing/result_matchers.h"
#include "testing/temp_dir.h"
#include "testing/template_cases.h"

namespace ledge {
namespace {

using nlohmann::ordered_json;

// Renders over one message of `content`; fails the test when it takes unreasonably long.
Result<Rendered> Render(std::string source, std::string content = "x") {
  const auto begin = std::chrono::steady_clock::now();
  const ordered_json messages =
      ordered_json::array({{{"role", "user"}, {"content", std::move(content)}}});
  RenderInput input;
  input.messages = &messages;
  auto result = [&]() -> Result<Rendered> {
    LEDGE_TRY(const auto parsed, ChatTemplate::Parse(std::move(source), "hostile"));
    return parsed.Render(input);
  }();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(90));
  return result;
}

std::string Times(std::string_view text, size_t count) {
  std::string out;
  for (size_t i = 0; i < count; ++i) out += text;
  return out;
}

void ExpectRefused(std::string_view name) {
  SCOPED_TRACE(name);
  const auto cases = testing::HostileTemplates();
  const auto found = std::ranges::find(cases, name, &testing::TemplateCase::name);
  ASSERT_NE(found, cases.end());
  EXPECT_ERROR(Render(found->source), found->code, found->words);
}

// Row 20 of the catalogue of bad inputs (cli/bad_input_test.cc).
TEST(HostileTemplate, Row20HugeRangeIsRefusedBeforeItAllocates) {
  for (const char* name : {"range_huge", "range_as_list", "range_of_everything"})
    ExpectRefused(name);
  EXPECT_OK(
      Render("{{ range(-9223372036854775807, 9223372036854775807, 9223372036854775807)|list }}"));
  EXPECT_OK(Render("{{ range(100000)|length }}"));
}

TEST(HostileTemplate, Row20NestedLoopsRunOutOfSteps) {
  for (const char* name : {"loops_nested", "loops_with_work"}) ExpectRefused(name);
}

TEST(HostileTemplate, Row20StringMultiplicationIsRefusedBeforeItAllocates) {
  for (const char* name : {"text_times", "text_times_wraps", "list_times", "text_times_again"})
    ExpectRefused(name);
  EXPECT_OK(Render("{{ ('' * 1000000000) ~ ('x' * -5) }}"));
}

// Row 21: the ways out of Jinja's sandbox lead through Python's own attributes.
TEST(HostileTemplate, Row21NoWayFromATemplateToCode) {
  for (const char* name : {"class_walk", "init", "class_as_item", "class_by_map", "attr", "globals",
                           "self", "import", "format_field", "append", "update"}) {
    ExpectRefused(name);
  }
}

// Run with LEDGE_WRITE_SEEDS=1 to write the fuzzer's seeds anew after a change of the catalogue.
TEST(HostileTemplate, CataloguesSeedsAreTheFuzzers) {
  if (!std::filesystem::exists("fuzz")) GTEST_SKIP() << "not run in the project's root";
  for (const testing::TemplateCase& each : testing::HostileTemplates()) {
    ExpectRefused(each.name);
    const std::string path = "fuzz/corpus/template/hostile_" + each.name + ".jinja";
    if (std::getenv("LEDGE_WRITE_SEEDS") != nullptr)
      std::ofstream(path, std::ios::binary) << each.source;
    EXPECT_EQ(testing::ReadWholeFile(path), each.source) << path;
  }
}

TEST(HostileTemplate, TextsCannotGrowWithoutBound) {
  const std::string doubling =
      "{% set ns = namespace(x='xxxxxxxx') %}{% for i in range(60) %}{% set ns.x = ns.x + ns.x "
      "%}{% endfor %}";
  EXPECT_ERROR(Render(doubling), Code::kUnsupported, "a text of more than");
  EXPECT_ERROR(Render("{% set x = 'x' * 100000 %}{{ x|replace('x', x) }}"), Code::kUnsupported,
               "a text of more than");
  EXPECT_ERROR(Render("{% set x = 'x' * 100000 %}{{ ([x] * 1000)|join(x) }}"), Code::kUnsupported,
               "a text of more than");
  EXPECT_ERROR(Render("{% set x = 'x' * 4000000 %}{{ x }}{{ x }}{{ x }}"), Code::kUnsupported,
               "a text of more than");
  EXPECT_ERROR(Render("{% set x = ('a\n' * 100000)|indent(1000) %}"), Code::kUnsupported,
               "a text of more than");
  EXPECT_ERROR(Render("{{ '%999999999s'|format(1) }}"), Code::kUnsupported, "width");
  EXPECT_ERROR(Render("{{ 'x'.ljust(999999999) }}"), Code::kUnsupported, "padded");
  EXPECT_ERROR(Render("{{ [1]|tojson(indent=999999999) }}"), Code::kUnsupported,
               "at most 1000 spaces");
}

TEST(HostileTemplate, LiveValuesCannotFillTheMemory) {
  EXPECT_ERROR(Render("{% set ns = namespace(x=[]) %}{% for i in range(99999) %}{% set ns.x = ns.x "
                      "+ ['y' * 8000] %}{% endfor %}"),
               Code::kUnsupported, "rendering");
  EXPECT_ERROR(Render("{% set ns = namespace(x=range(90000)|list) %}{% for i in range(99) %}{% set "
                      "ns.x = ns.x + ns.x %}{% endfor %}"),
               Code::kUnsupported, "rendering");
  EXPECT_ERROR(Render("{% for c in messages[0].content %}{% endfor %}", std::string(4000000, 'x')),
               Code::kUnsupported, "memory");
  EXPECT_ERROR(Render("{{ messages[0].content.split(',')|length }}", std::string(4000000, ',')),
               Code::kUnsupported, "rendering");
}

TEST(HostileTemplate, NestingIsBounded) {
  EXPECT_ERROR(Render("{{ " + Times("(", 5000) + "1" + Times(")", 5000) + " }}"),
               Code::kUnsupported, "inside each other");
  EXPECT_ERROR(Render("{{ " + Times("[", 5000) + Times("]", 5000) + " }}"), Code::kUnsupported,
               "inside each other");
  EXPECT_ERROR(Render("{{ " + Times("-", 5000) + "1 }}"), Code::kUnsupported, "inside each other");
  EXPECT_ERROR(Render("{{ " + Times("not ", 5000) + "1 }}"), Code::kUnsupported,
               "inside each other");
  EXPECT_ERROR(Render("{{ 1" + Times("|abs", 5000) + " }}"), Code::kUnsupported, "levels high");
  EXPECT_ERROR(Render("{{ x" + Times(".a", 5000) + " }}"), Code::kUnsupported, "levels high");
  EXPECT_ERROR(Render("{{ 1" + Times(" if 1", 5000) + " }}"), Code::kUnsupported, "levels high");
  EXPECT_ERROR(Render(Times("{% if 1 %}", 5000) + Times("{% endif %}", 5000)), Code::kUnsupported,
               "inside each other");
  EXPECT_ERROR(
      Render("{% for " + Times("(", 5000) + "a" + Times(")", 5000) + " in b %}{% endfor %}"),
      Code::kUnsupported, "inside each other");
  EXPECT_OK(Render("{{ 1" + Times("+1", 5000) + " }}"));
  EXPECT_OK(Render(Times("{% if 1 %}", 1) + Times("{% elif 1 %}", 5000) + "{% endif %}"));
}

TEST(HostileTemplate, RecursionIsBounded) {
  EXPECT_ERROR(Render("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"), Code::kUnsupported,
               "deep inside each other");
  EXPECT_ERROR(
      Render("{% set ns = namespace() %}{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}"),
      Code::kUnsupported, "deep inside each other");
  EXPECT_ERROR(Render("{% set ns = namespace(x=[]) %}{% for i in range(9999) %}{% set ns.x = "
                      "[ns.x] %}{% endfor %}"),
               Code::kUnsupported, "deep inside each other");
  EXPECT_ERROR(Render("{% set ns = namespace(x={}) %}{% for i in range(9999) %}{% set ns.x = {'a': "
                      "ns.x} %}{% endfor %}"),
               Code::kUnsupported, "deep inside each other");
  EXPECT_OK(Render("{% set ns = namespace() %}{% set ns.x = [ns] %}{{ ns.x }}{{ ns.x == ns.x }}"));
}

TEST(HostileTemplate, NothingOutlivesItsBlock) {
  EXPECT_ERROR(Render("{% set ns = namespace() %}{% for i in [1] %}{% macro m() %}{{ i }}{% "
                      "endmacro %}{% set ns.m = m %}"
                      "{% endfor %}{{ ns.m() }}"),
               Code::kUnsupported, "block that defined it has ended");
  EXPECT_ERROR(Render("{% set ns = namespace() %}{% for i in [1] %}{% set ns.l = loop %}{% endfor "
                      "%}{{ ns.l.index }}"),
               Code::kMalformed, "after the loop has ended");
  EXPECT_ERROR(Render("{% set ns = namespace() %}{% for i in [1] recursive %}{% set ns.l = loop "
                      "%}{% endfor %}{{ ns.l([1]) }}"),
               Code::kMalformed, "outside of a loop");
  EXPECT_OK(
      Render("{% set ns = namespace() %}{% for i in [1] %}{% set ns.c = loop.changed %}{% endfor "
             "%}{{ ns.c(ns.c) }}"));
}

TEST(HostileTemplate, SearchesStayLinear) {
  EXPECT_OK(Render("{{ ('a' * 1000 + 'b') in messages[0].content }}", std::string(2000000, 'a')));
  EXPECT_ERROR(Render("{% for i in range(99999) %}{{ 'ab' in messages[0].content }}{% endfor %}",
                      std::string(2000000, 'a')),
               Code::kUnsupported, "steps");
  EXPECT_ERROR(
      Render("{% set l = range(99999)|list %}{% for i in range(99999) %}{{ -1 in l }}{% endfor %}"),
      Code::kUnsupported, "steps");
  EXPECT_ERROR(Render("{{ range(99999)|list|unique|length }}"), Code::kUnsupported, "steps");
}

// Strings of no bytes may have no address either.
TEST(HostileTemplate, SearchesInNothingFindNothing) {
  ASSERT_OK_AND_ASSIGN(const auto rendered,
                       Render("[{{ missing|e }}{{ missing|replace('a', 'b') }}{{ 'a' in '' }}]"));
  EXPECT_EQ(rendered.text, "[False]");
}

TEST(HostileTemplate, SourceIsBounded) {
  EXPECT_ERROR(Render(std::string(jinja::kMaxSourceBytes + 1, 'x')), Code::kUnsupported,
               "at most 1048576");
  EXPECT_ERROR(Render(Times("{{1}}", 150'000)), Code::kUnsupported, "tokens");
}

TEST(HostileTemplate, DeepMessagesAreRefused) {
  ordered_json deep = "x";
  for (int i = 0; i < 300; ++i) deep = ordered_json::array({std::move(deep)});
  const ordered_json messages =
      ordered_json::array({{{"role", "user"}, {"content", std::move(deep)}}});
  ASSERT_OK_AND_ASSIGN(const auto parsed, ChatTemplate::Parse("{{ messages }}", "hostile"));
  RenderInput input;
  input.messages = &messages;
  EXPECT_ERROR(parsed.Render(input), Code::kUnsupported, "levels deep");
}

}  // namespace
}  // namespace ledge
