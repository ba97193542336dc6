#include "engine/grammar/thinking.h"

#include <gtest/gtest.h>

#include "testing/grammar_test.h"

namespace ledge {
namespace {

class GrammarThinking : public testing::GrammarTest {
 protected:
  bool Takes(Thinking thinking, std::string_view text) const {
    return GrammarTest::Takes(
        {.kind = GrammarKind::kGbnf, .text = "root ::= \"{\" [a-c]* \"}\"", .thinking = thinking},
        text);
  }
};

// Texts of thoughts: none of them ends them early.
constexpr const char* kThoughts[] = {
    "",          "hm",           "a < b",        "<",       "<<",        "</",
    "</think",   "</<",          "</thi</think", "<think>", "{a} or x?", "</think >",
    "</ think>", "\xC3\xA9\n\n", "</thin<k>"};

TEST_F(GrammarThinking, IsFreeUpToItsEndAndTheAnswerIsHeldBehindIt) {
  for (const std::string thought : kThoughts) {
    EXPECT_TRUE(Takes(Thinking::kBegun, thought + "</think>{ab}")) << thought;
    EXPECT_TRUE(Takes(Thinking::kBegun, thought + "</think>\n\n{}")) << thought;
    EXPECT_FALSE(Takes(Thinking::kBegun, thought + "</think>x{ab}")) << thought;
    EXPECT_FALSE(Takes(Thinking::kBegun, thought + "</think></think>{ab}")) << thought;
    EXPECT_FALSE(Takes(Thinking::kBegun, thought)) << thought;
    EXPECT_TRUE(Takes(Thinking::kMayBegin, "<think>" + thought + "</think>\n{c}")) << thought;
    EXPECT_TRUE(Takes(Thinking::kMayBegin, "\n<think>" + thought + "</think>{c}")) << thought;
    EXPECT_FALSE(Takes(Thinking::kMayBegin, "<think>" + thought + "</think>")) << thought;
    EXPECT_FALSE(Takes(Thinking::kNone, "<think>" + thought + "</think>{c}")) << thought;
  }
  EXPECT_FALSE(Takes(Thinking::kBegun, "{ab}"));
  EXPECT_TRUE(Takes(Thinking::kMayBegin, "{ab}"));
  EXPECT_TRUE(Takes(Thinking::kNone, "{ab}"));
  EXPECT_FALSE(Takes(Thinking::kMayBegin, "<thin>{ab}"));
}

}  // namespace
}  // namespace ledge
