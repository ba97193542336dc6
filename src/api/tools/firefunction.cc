// Firefunction 2: text, then functools[{"name": "f", "arguments": {...}}, ...].
#include "api/tools/call_format.h"

namespace ledge {
namespace {

class Firefunction : public CallFormat {
 public:
  CallStep Next(std::string_view text, bool, bool end) override {
    constexpr std::string_view kMark = "functools[";
    const size_t before =
        end && text.find(kMark) == text.npos ? text.size() : BytesBefore(text, kMark);
    if (before > 0) return {.content = before};
    if (!text.starts_with(kMark)) return {};
    // The bracket is the array's.
    const size_t begin = kMark.size() - 1;
    const auto length = JsonLength(text.substr(begin));
    if (!length) return {};
    auto calls = CallsOfJson(text.substr(begin, *length));
    if (calls.empty()) return {.content = begin + *length};
    return {.dropped = begin + *length, .calls = std::move(calls)};
  }
};

}  // namespace

std::unique_ptr<CallFormat> MakeFirefunctionFormat() { return std::make_unique<Firefunction>(); }

}  // namespace ledge
