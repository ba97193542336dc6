#include "api/answer.h"

#include <gtest/gtest.h>

namespace ledge {
namespace {

// However the text is cut, the parts are the same.
AnswerPart ReadInSteps(std::string_view text, size_t step, bool thinking = false) {
  const auto reader = MakeReasoningReader(thinking);
  AnswerPart all;
  const auto add = [&all](const std::vector<AnswerPart>& parts) {
    for (const AnswerPart& part : parts) {
      all.content += part.content;
      all.reasoning += part.reasoning;
    }
  };
  for (size_t at = 0; at < text.size(); at += step) add(reader->Feed(text.substr(at, step)));
  add(reader->Finish());
  return all;
}

TEST(ReasoningReader, SeparatesWhatIsThoughtFromWhatIsSaid) {
  for (size_t step = 1; step < 40; ++step) {
    const AnswerPart part = ReadInSteps("\n<think>well < </thin</think>\n\nYes <b>.", step);
    EXPECT_EQ(part.reasoning, "well < </thin");
    EXPECT_EQ(part.content, "Yes <b>.");
  }
}

TEST(ReasoningReader, BeginsWithinWhatThePromptHasBegun) {
  for (size_t step = 1; step < 20; ++step) {
    const AnswerPart part = ReadInSteps("well</think>\nYes", step, true);
    EXPECT_EQ(part.reasoning, "well");
    EXPECT_EQ(part.content, "Yes");
    EXPECT_EQ(ReadInSteps("cut </th", step, true).reasoning, "cut </th");
  }
}

TEST(ReasoningReader, TellsATextWithoutThoughtsAsItIs) {
  for (size_t step = 1; step < 20; ++step) {
    EXPECT_EQ(ReadInSteps("  <thin air> <think>", step).content, "  <thin air> <think>");
    EXPECT_EQ(ReadInSteps("  ", step).content, "  ");
    EXPECT_EQ(ReadInSteps("<think>cut", step).reasoning, "cut");
  }
}

}  // namespace
}  // namespace ledge
