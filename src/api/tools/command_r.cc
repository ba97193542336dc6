// Command R: Action: ```json\n[{"tool_name": "f", "parameters": {...}}]\n```, where the tool
// "directly-answer" is none. Command R7B: <|START_ACTION|>[...]<|END_ACTION|> behind a plan between
// <|START_THINKING|> and <|END_THINKING|>, or a text between <|START_RESPONSE|> and its end.
#include <algorithm>
#include <array>

#include "api/tools/call_format.h"

namespace ledge {
namespace {

class CommandR : public CallFormat {
 public:
  CallStep Next(std::string_view text, bool, bool end) override {
    CallStep step = MarkedBlock(text, "Action: ```json", "```", end,
                                [](std::string_view block) { return CallsOfJson(block); });
    std::erase_if(step.calls,
                  [](const WrittenCall& call) { return call.name == "directly-answer"; });
    return step;
  }
};

class CommandR7b : public CallFormat {
 public:
  CallStep Next(std::string_view text, bool, bool end) override {
    constexpr std::string_view kPlan = "<|START_THINKING|>";
    constexpr std::string_view kPlanEnd = "<|END_THINKING|>";
    if (thinking_) {
      const size_t before = BytesBefore(text, kPlanEnd);
      if (before > 0 || end) return {.reasoning = end && before == 0 ? text.size() : before};
      if (!text.starts_with(kPlanEnd)) return {};
      thinking_ = false;
      return {.dropped = kPlanEnd.size()};
    }
    // Up to the first of the marks.
    size_t before = text.size();
    for (const std::string_view mark : {kPlan, kAction, kResponse, kResponseEnd})
      before = std::min(
          before, end && text.find(mark) == text.npos ? text.size() : BytesBefore(text, mark));
    if (before > 0) return {.content = before};
    if (text.starts_with(kPlan)) {
      thinking_ = true;
      return {.dropped = kPlan.size()};
    }
    for (const std::string_view mark : {kResponse, kResponseEnd}) {
      if (text.starts_with(mark)) return {.dropped = mark.size()};
    }
    if (!text.starts_with(kAction)) return {};
    return MarkedBlock(text, kAction, "<|END_ACTION|>", end,
                       [](std::string_view block) { return CallsOfJson(block); });
  }

 private:
  static constexpr std::string_view kAction = "<|START_ACTION|>";
  static constexpr std::string_view kResponse = "<|START_RESPONSE|>";
  static constexpr std::string_view kResponseEnd = "<|END_RESPONSE|>";
  bool thinking_ = false;
};

}  // namespace

std::unique_ptr<CallFormat> MakeCommandRFormat() { return std::make_unique<CommandR>(); }
std::unique_ptr<CallFormat> MakeCommandR7bFormat() { return std::make_unique<CommandR7b>(); }

}  // namespace ledge
