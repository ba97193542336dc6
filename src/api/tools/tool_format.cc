#include "api/tools/tool_format.h"

namespace ledge {

ToolFormat ToolFormatOf(std::string_view source) {
  const auto has = [source](std::string_view text) { return source.find(text) != source.npos; };
  if (has("[TOOL_CALLS]")) return ToolFormat::kMistral;
  if (has("<|START_ACTION|>")) return ToolFormat::kCommandR7b;
  if (has("<function=")) return ToolFormat::kFunctionary31;
  if (has(">>>all")) return ToolFormat::kFunctionary32;
  if (has("functools[")) return ToolFormat::kFirefunction;
  if (has("<｜tool▁call▁begin｜>")) return ToolFormat::kDeepSeek;
  if (has("<tool_call>")) return ToolFormat::kHermes;
  if (has("Action:") && has("```json") && has("tool_name")) return ToolFormat::kCommandR;
  if (has("<|python_tag|>") || (has("<|start_header_id|>") && has("\"parameters\"")))
    return ToolFormat::kLlama3;
  return has("tools") ? ToolFormat::kGeneric : ToolFormat::kNone;
}

std::vector<std::string_view> MarkersOf(ToolFormat format) {
  switch (format) {
    case ToolFormat::kHermes:
      return {"<tool_call>", "</tool_call>"};
    case ToolFormat::kLlama3:
    case ToolFormat::kFunctionary31:
      return {"<|python_tag|>"};
    case ToolFormat::kMistral:
      return {"[TOOL_CALLS]"};
    case ToolFormat::kCommandR7b:
      return {"<|START_ACTION|>", "<|END_ACTION|>",     "<|START_THINKING|>",
              "<|END_THINKING|>", "<|START_RESPONSE|>", "<|END_RESPONSE|>"};
    case ToolFormat::kDeepSeek:
      return {"<｜tool▁calls▁begin｜>", "<｜tool▁call▁begin｜>", "<｜tool▁sep｜>",
              "<｜tool▁call▁end｜>", "<｜tool▁calls▁end｜>"};
    default:
      return {};
  }
}

std::string_view OpeningOf(ToolFormat format) {
  return format == ToolFormat::kHermes ? "<tool_call>\n" : std::string_view();
}

}  // namespace ledge
