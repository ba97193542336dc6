// DeepSeek R1: <｜tool▁calls▁begin｜>, then for each call
// <｜tool▁call▁begin｜>function<｜tool▁sep｜>f, a line end, the arguments in a fence of Markdown,
// <｜tool▁call▁end｜>; then <｜tool▁calls▁end｜>.
#include <algorithm>
#include <array>

#include "api/tools/call_format.h"

namespace ledge {
namespace {

class DeepSeek : public CallFormat {
  CallStep Outside(std::string_view text, bool, bool end) override {
    for (const std::string_view mark : kFrames) {
      if (text.starts_with(mark)) return {.dropped = mark.size()};
    }
    size_t before = text.size();
    for (const std::string_view mark : {kBegin, kFrames[0], kFrames[1]})
      before = std::min(before, BytesBefore(text, mark, end));
    if (before > 0) return {.content = before};
    return text.starts_with(kBegin) ? Call(text, end) : CallStep{};
  }

  // Up to the arguments.
  CallStep Call(std::string_view text, bool end) {
    const CallStep wait = {.content = end ? text.size() : 0};
    const size_t separator = text.find(kSeparator);
    if (const size_t closed = text.find(kEnd); closed < separator)
      return {.content = closed + kEnd.size()};
    if (separator == text.npos) return wait;
    const size_t line = text.find('\n', separator);
    if (line == text.npos) return wait;
    const size_t begin = separator + kSeparator.size();
    const std::string_view name = Stripped(text.substr(begin, line - begin));
    if (name.empty()) return {.content = line + 1};
    size_t open = text.find_first_not_of(kJsonSpace, line);
    if (open == text.npos) return wait;
    const std::string_view rest = text.substr(open);
    if (rest.size() < kFence.size() && kFence.starts_with(rest)) return wait;
    if (rest.starts_with(kFence)) open += kFence.size();
    return Block(text, end,
                 {.open = open, .name = std::string(name), .fence = "```", .close = kEnd});
  }

  static constexpr std::string_view kBegin = "<｜tool▁call▁begin｜>";
  static constexpr std::string_view kEnd = "<｜tool▁call▁end｜>";
  static constexpr std::string_view kSeparator = "<｜tool▁sep｜>";
  static constexpr std::string_view kFence = "```json";
  static constexpr std::array<std::string_view, 2> kFrames = {"<｜tool▁calls▁begin｜>",
                                                              "<｜tool▁calls▁end｜>"};
};

}  // namespace

std::unique_ptr<CallFormat> MakeDeepSeekFormat() { return std::make_unique<DeepSeek>(); }

}  // namespace ledge
