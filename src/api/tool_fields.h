// `tools` and `tool_choice`, whichever API they came by.
#pragma once

#include <string>
#include <vector>

#include "api/ask.h"
#include "api/json_reader.h"

namespace ledge {

inline constexpr size_t kMaxTools = 128;

// What an answer may call.
struct ToolUse {
  std::vector<std::string> names;  // empty: nothing
  bool forced = false;             // it is a call and nothing else
  bool one_call = false;           // what comes behind the first says nothing
};

struct ToolChoice {
  enum class Kind { kAuto, kNone, kRequired, kNamed };
  Kind kind = Kind::kAuto;
  std::string name;       // kNamed
  bool one_call = false;  // at most one an answer, which ends with it
};

// `tools` as OpenAI's API has them: [{"type":"function","function":{"name","parameters"}}].
// A demanded call becomes the grammar of `ask`, so nothing else may be there then. Fails `fields`
// for tools and choices of another form.
void UseTools(FieldReader& fields, const Json& tools, const ToolChoice& choice, Ask& ask,
              ToolUse& use);

// OpenAI's `tool_choice`: "auto", "none", "required", {"type":"function","function":{"name"}}, or,
// in Responses, {"type":"function","name"}; and `parallel_tool_calls`.
ToolChoice ReadToolChoice(FieldReader& fields);

}  // namespace ledge
