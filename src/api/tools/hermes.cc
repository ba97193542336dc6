// Hermes and Qwen: <tool_call>\n{"name": "f", "arguments": {...}}\n</tool_call>, once for each
// call.
#include "api/tools/call_format.h"

namespace ledge {
namespace {

class Hermes : public CallFormat {
  CallStep Outside(std::string_view text, bool, bool end) override {
    constexpr std::string_view kMark = "<tool_call>";
    return MarkedBlock(text, kMark, end, {.open = kMark.size(), .close = "</tool_call>"});
  }
};

}  // namespace

std::unique_ptr<CallFormat> MakeHermesFormat() { return std::make_unique<Hermes>(); }

}  // namespace ledge
