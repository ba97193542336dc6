// A whole answer that is {"name": "f", "arguments": {...}}, or an array of such, of tools that
// there are. Anything else at the beginning makes the whole answer a text.
#include "api/tools/call_format.h"

namespace ledge {
namespace {

class Generic : public CallFormat {
 public:
  explicit Generic(std::vector<std::string> names) : names_(std::move(names)) {}

 private:
  CallStep Outside(std::string_view text, bool begin, bool end) override {
    // Of answers in a fence of Markdown the fence is no text.
    if (begin && text.size() < kFence.size() && kFence.starts_with(text) && !end) return {};
    const bool fenced = begin && text.starts_with(kFence);
    if (begin || called()) {
      const size_t open = fenced ? kFence.size() : 0;
      const size_t first = text.find_first_not_of(kJsonSpace, open);
      if (first == text.npos) return {.content = end ? text.size() : 0};
      if (text[first] == '{' || text[first] == '[')
        return Block(text, end, {.open = open, .close = fenced ? kFenceEnd : "", .names = &names_});
    }
    return {.content = text.size()};
  }

  static constexpr std::string_view kFence = "```json\n";
  static constexpr std::string_view kFenceEnd = "```";
  std::vector<std::string> names_;
};

}  // namespace

std::unique_ptr<CallFormat> MakeGenericFormat(std::vector<std::string> names) {
  return std::make_unique<Generic>(std::move(names));
}

}  // namespace ledge
