// Command R: Action: ```json\n[{"tool_name": "f", "parameters": {...}}]\n```, where the tool
// "directly-answer" is none. Command R7B: <|START_ACTION|>[...]<|END_ACTION|> behind a plan between
// <|START_THINKING|> and <|END_THINKING|>, or a text between <|START_RESPONSE|> and its end.
#include <algorithm>

#include "api/tools/call_format.h"

namespace ledge {
namespace {

class CommandR : public CallFormat {
  CallStep Outside(std::string_view text, bool, bool end) override {
    constexpr std::string_view kMark = "Action: ```json";
    return MarkedBlock(text, kMark, end,
                       {.open = kMark.size(), .close = "```", .ignored = "directly-answer"});
  }
};

class CommandR7b : public CallFormat {
  CallStep Outside(std::string_view text, bool, bool end) override {
    constexpr std::string_view kPlan = "<|START_THINKING|>";
    constexpr std::string_view kPlanEnd = "<|END_THINKING|>";
    if (thinking_) {
      const size_t before = BytesBefore(text, kPlanEnd, end);
      if (before > 0) return {.reasoning = before};
      if (!text.starts_with(kPlanEnd)) return {};
      thinking_ = false;
      return {.dropped = kPlanEnd.size()};
    }
    // Up to the first of the marks.
    size_t before = text.size();
    for (const std::string_view mark : {kPlan, kAction, kResponse, kResponseEnd})
      before = std::min(before, BytesBefore(text, mark, end));
    if (before > 0) return {.content = before};
    if (text.starts_with(kPlan)) {
      thinking_ = true;
      return {.dropped = kPlan.size()};
    }
    for (const std::string_view mark : {kResponse, kResponseEnd}) {
      if (text.starts_with(mark)) return {.dropped = mark.size()};
    }
    if (!text.starts_with(kAction)) return {};
    return Block(text, end, {.open = kAction.size(), .close = "<|END_ACTION|>"});
  }

  static constexpr std::string_view kAction = "<|START_ACTION|>";
  static constexpr std::string_view kResponse = "<|START_RESPONSE|>";
  static constexpr std::string_view kResponseEnd = "<|END_RESPONSE|>";
  bool thinking_ = false;
};

}  // namespace

std::unique_ptr<CallFormat> MakeCommandRFormat() { return std::make_unique<CommandR>(); }
std::unique_ptr<CallFormat> MakeCommandR7bFormat() { return std::make_unique<CommandR7b>(); }

}  // namespace ledge
