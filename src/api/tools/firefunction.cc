// Firefunction 2: text, then functools[{"name": "f", "arguments": {...}}, ...].
#include "api/tools/call_format.h"

namespace ledge {
namespace {

class Firefunction : public CallFormat {
  CallStep Outside(std::string_view text, bool, bool end) override {
    constexpr std::string_view kMark = "functools[";
    // The bracket is the array's.
    return MarkedBlock(text, kMark, end, {.open = kMark.size() - 1});
  }
};

}  // namespace

std::unique_ptr<CallFormat> MakeFirefunctionFormat() { return std::make_unique<Firefunction>(); }

}  // namespace ledge
