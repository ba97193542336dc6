// Mistral: [TOOL_CALLS][{"name": "f", "arguments": {...}}, ...]; without the mark where a
// vocabulary hides it.
#include "api/tools/call_format.h"

namespace ledge {
namespace {

class Mistral : public CallFormat {
  CallStep Outside(std::string_view text, bool, bool end) override {
    constexpr std::string_view kMark = "[TOOL_CALLS]";
    return MarkedBlock(text, kMark, end, {.open = kMark.size()});
  }
};

}  // namespace

std::unique_ptr<CallFormat> MakeMistralFormat() { return std::make_unique<Mistral>(); }

}  // namespace ledge
