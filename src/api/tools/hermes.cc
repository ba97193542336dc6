// Hermes and Qwen: <tool_call>\n{"name": "f", "arguments": {...}}\n</tool_call>, once for each
// call.
#include "api/tools/call_format.h"

namespace ledge {
namespace {

class Hermes : public CallFormat {
 public:
  CallStep Next(std::string_view text, bool, bool end) override {
    return MarkedBlock(text, "<tool_call>", "</tool_call>", end,
                       [](std::string_view block) { return CallsOfJson(block); });
  }
};

}  // namespace

std::unique_ptr<CallFormat> MakeHermesFormat() { return std::make_unique<Hermes>(); }

}  // namespace ledge
