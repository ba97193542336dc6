// A whole answer that is {"name": "f", "arguments": {...}}, or an array of such, of tools that
// there are. Anything else at the beginning makes the whole answer a text.
#include "api/tools/call_format.h"

namespace ledge {
namespace {

class Generic : public CallFormat {
 public:
  explicit Generic(std::vector<std::string> names) : names_(std::move(names)) {}

  CallStep Next(std::string_view text, bool begin, bool end) override {
    // Of answers in a fence of Markdown the fence is no text.
    if (begin && text.size() < kFence.size() && kFence.starts_with(text) && !end) return {};
    const bool fenced = begin && text.starts_with(kFence);
    if (fenced_ && called_) {
      const std::string_view rest = Stripped(text);
      if (rest == kFenceEnd) return {.dropped = text.size()};
      if (kFenceEnd.starts_with(rest) && !end) return {};
    }
    const std::string_view json = fenced ? text.substr(kFence.size()) : text;
    const auto length = begin || called_ ? JsonLength(json) : std::optional<size_t>(0);
    if (!length) return {};
    auto calls =
        *length == 0 ? std::vector<WrittenCall>() : CallsOfJson(json.substr(0, *length), &names_);
    if (calls.empty()) return {.content = text.size()};
    called_ = true;
    fenced_ = fenced_ || fenced;
    return {.dropped = *length + (fenced ? kFence.size() : 0), .calls = std::move(calls)};
  }

 private:
  static constexpr std::string_view kFence = "```json\n";
  static constexpr std::string_view kFenceEnd = "```";
  std::vector<std::string> names_;
  bool called_ = false;
  bool fenced_ = false;
};

}  // namespace

std::unique_ptr<CallFormat> MakeGenericFormat(std::vector<std::string> names) {
  return std::make_unique<Generic>(std::move(names));
}

}  // namespace ledge
