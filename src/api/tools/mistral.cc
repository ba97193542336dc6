// Mistral: [TOOL_CALLS][{"name": "f", "arguments": {...}}, ...]; without the mark where a
// vocabulary hides it.
#include "api/tools/call_format.h"

namespace ledge {
namespace {

class Mistral : public CallFormat {
 public:
  CallStep Next(std::string_view text, bool, bool end) override {
    constexpr std::string_view kMark = "[TOOL_CALLS]";
    const size_t before =
        end && text.find(kMark) == text.npos ? text.size() : BytesBefore(text, kMark);
    if (before > 0) return {.content = before};
    if (!text.starts_with(kMark)) return {};
    const auto length = JsonLength(text.substr(kMark.size()));
    if (!length) return {};
    auto calls = CallsOfJson(text.substr(kMark.size(), *length));
    if (calls.empty()) return {.content = kMark.size() + *length};
    return {.dropped = kMark.size() + *length, .calls = std::move(calls)};
  }
};

}  // namespace

std::unique_ptr<CallFormat> MakeMistralFormat() { return std::make_unique<Mistral>(); }

}  // namespace ledge
