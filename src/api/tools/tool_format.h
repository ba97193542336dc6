// How models write that they call a tool: each family has its own way, which is the one that its
// chat template shows it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/answer.h"

namespace ledge {

enum class ToolFormat : uint8_t {
  kNone,     // answers are texts
  kHermes,   // <tool_call>{"name","arguments"}</tool_call>: Qwen, Hermes; also what is asked of
             // models whose template knows no tools
  kLlama3,   // {"name","parameters"} and nothing else, or <|python_tag|>name.call(a="b")
  kMistral,  // [TOOL_CALLS][{"name","arguments"}]
  kFunctionary31,  // <function=name>{...}</function>
  kFunctionary32,  // name\n{...}, others behind >>>; text behind "all\n"
  kFirefunction,   // functools[{"name","arguments"}]
  kCommandR,       // Action: ```json [{"tool_name","parameters"}]```
  kCommandR7b,     // <|START_ACTION|>[{"tool_name","parameters"}]<|END_ACTION|>
  kDeepSeek,       // <｜tool▁call▁begin｜>function<｜tool▁sep｜>name\n```json\n{...}\n```
  kGeneric,        // {"name","arguments"}: templates that show tools in a way not known here
  kForced,         // the same, where the grammar leaves nothing else
};

// Which one a template shows: told from its text. kNone if it doesn't look at tools.
ToolFormat ToolFormatOf(std::string_view template_source);

// Texts of control tokens that the format is told by: to be shown, where others are hidden.
std::vector<std::string_view> MarkersOf(ToolFormat format);

// What the model's answer begins with when it calls: written for it where a call is demanded.
// Empty where nothing is.
std::string_view OpeningOf(ToolFormat format);

struct ToolReading {
  std::vector<std::string> names;  // of the tools that there are
  std::string salt;                // makes ids of calls different between answers
  bool one_call = false;           // what follows the first call says nothing
  bool thinking = false;           // the answer begins within what the model thinks
};
// Calls are told as they are written where their form lets it (call_block.h), else once they are
// whole; what turns out to be none before anything was told is content, as it was written. Text
// between <think> and </think> at the beginning is reasoning, as without tools.
std::unique_ptr<AnswerReader> MakeToolReader(ToolFormat format, ToolReading reading);

}  // namespace ledge
