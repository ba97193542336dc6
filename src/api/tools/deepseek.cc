// DeepSeek R1: <｜tool▁calls▁begin｜>, then for each call
// <｜tool▁call▁begin｜>function<｜tool▁sep｜>f, a line end, the arguments in a fence of Markdown,
// <｜tool▁call▁end｜>; then <｜tool▁calls▁end｜>.
#include <array>

#include "api/tools/call_format.h"

namespace ledge {
namespace {

constexpr std::string_view kBegin = "<｜tool▁call▁begin｜>";
constexpr std::string_view kSeparator = "<｜tool▁sep｜>";

std::vector<WrittenCall> CallsOf(std::string_view block) {
  const size_t separator = block.find(kSeparator);
  if (separator == block.npos) return {};
  block.remove_prefix(separator + kSeparator.size());
  const size_t line = block.find('\n');
  if (line == block.npos) return {};
  const std::string_view name = Stripped(block.substr(0, line));
  std::string_view body = Stripped(block.substr(line + 1));
  if (body.starts_with("```json")) body.remove_prefix(7);
  if (body.ends_with("```")) body.remove_suffix(3);
  auto arguments = ArgumentsOf(body);
  if (name.empty() || !arguments) return {};
  return {{std::string(name), *std::move(arguments)}};
}

class DeepSeek : public CallFormat {
 public:
  CallStep Next(std::string_view text, bool, bool end) override {
    for (const std::string_view mark : kFrames) {
      if (text.starts_with(mark)) return {.dropped = mark.size()};
    }
    size_t before = text.size();
    for (const std::string_view mark : {kBegin, kFrames[0], kFrames[1]})
      before = std::min(
          before, end && text.find(mark) == text.npos ? text.size() : BytesBefore(text, mark));
    if (before > 0) return {.content = before};
    if (!text.starts_with(kBegin)) return {};
    return MarkedBlock(text, kBegin, "<｜tool▁call▁end｜>", end, CallsOf);
  }

 private:
  static constexpr std::array<std::string_view, 2> kFrames = {"<｜tool▁calls▁begin｜>",
                                                              "<｜tool▁calls▁end｜>"};
};

}  // namespace

std::unique_ptr<CallFormat> MakeDeepSeekFormat() { return std::make_unique<DeepSeek>(); }

}  // namespace ledge
