#include "api/answer.h"

#include <gtest/gtest.h>

namespace ledge {
namespace {

// However the text is cut, the parts are the same.
AnswerPart ReadInSteps(std::string_view text, size_t step) {
  const auto reader = MakeReasoningReader();
  AnswerPart all;
  const auto add = [&all](const AnswerPart& part) {
    all.content += part.content;
    all.reasoning += part.reasoning;
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

TEST(ReasoningReader, TellsATextWithoutThoughtsAsItIs) {
  for (size_t step = 1; step < 20; ++step) {
    EXPECT_EQ(ReadInSteps("  <thin air> <think>", step).content, "  <thin air> <think>");
    EXPECT_EQ(ReadInSteps("  ", step).content, "  ");
    EXPECT_EQ(ReadInSteps("<think>cut", step).reasoning, "cut");
  }
}

}  // namespace
}  // namespace ledge
