#include "cli/settings/toml_nesting.h"

#include <gtest/gtest.h>

#include <string>

namespace ledge {
namespace {

TEST(TomlNesting, CountsWhatNests) {
  EXPECT_EQ(CountTomlNesting(""), 0U);
  EXPECT_EQ(CountTomlNesting("threads = 4\n[run]\nctx = 1\n"), 1U);
  EXPECT_EQ(CountTomlNesting("[a.b.c]\nx.y = {p.q = [1, [2]]}\n"), 8U);
}

TEST(TomlNesting, LeavesOutTextsAndComments) {
  EXPECT_EQ(CountTomlNesting("a = \"...\" # ...\nb = '[[\\' # {{"), 0U);
  EXPECT_EQ(CountTomlNesting("a = \"\\\"...\"\n"), 0U);
  EXPECT_EQ(CountTomlNesting("a = \"\"\"\n...\n\\\"\"\".\"\"\"\"\"\n"), 0U);
  EXPECT_EQ(CountTomlNesting("a = '''\n.\"\"\"'''\n.\n"), 1U);
}

TEST(TomlNesting, TextsEndWithTheirLine) {
  EXPECT_EQ(CountTomlNesting("a = \"...\nb = [.\n"), 2U);
  EXPECT_EQ(CountTomlNesting("a = '...\nb = [.\n"), 2U);
  EXPECT_EQ(CountTomlNesting("a = \"\"\"..."), 0U);
  EXPECT_EQ(CountTomlNesting("a = \"\\"), 0U);
}

}  // namespace
}  // namespace ledge
