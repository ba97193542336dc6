// A template's source, rendered over a fixed conversation. Must end within its limits, and what it
// calls plain must be in order and inside the text.
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "engine/template/chat_template.h"

namespace {

const nlohmann::ordered_json& Conversation() {
  static const auto conversation = nlohmann::ordered_json::parse(R"([
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Hi <|im_end|> \u00e9\ud83d\ude82\n"},
    {"role": "assistant", "content": null, "tool_calls": [
      {"id": "abc123def", "type": "function", "function": {"name": "f", "arguments": {"x": [1, 2.5, "y"]}}}]},
    {"role": "tool", "tool_call_id": "abc123def", "content": "{}"},
    {"role": "user", "content": [{"type": "text", "text": "parts"}]}])");
  return conversation;
}

const nlohmann::ordered_json& Tools() {
  static const auto tools = nlohmann::ordered_json::parse(R"([{"type": "function", "function": {
    "name": "f", "description": "d", "parameters": {"type": "object",
    "properties": {"x": {"type": "array", "items": {"type": "string"}}}, "required": ["x"]}}}])");
  return tools;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto parsed =
      ledge::ChatTemplate::Parse(std::string(reinterpret_cast<const char*>(data), size), "fuzz");
  if (!parsed.ok()) return 0;
  ledge::RenderInput input;
  input.messages = &Conversation();
  input.tools = &Tools();
  input.bos_token = "<s>";
  input.eos_token = "</s>";
  input.now = {};
  const auto rendered = parsed->Render(input);
  if (!rendered.ok()) return 0;
  size_t at = 0;
  for (const auto& span : rendered->plain) {
    if (span.begin < at || span.end <= span.begin || span.end > rendered->text.size()) std::abort();
    at = span.end;
  }
  return 0;
}
