#include "engine/template/chat_template.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "engine/template/input.h"
#include "engine/template/interpreter.h"
#include "engine/template/lexer.h"
#include "engine/template/parser.h"

namespace ledge {
namespace {

using nlohmann::ordered_json;

// Everything the template may look at, under the names that transformers gives.
Result<void> DefineVariables(jinja::Interpreter& in, const RenderInput& input) {
  jinja::Heap& heap = in.heap();
  if (input.extra && input.extra->is_object()) {
    for (const auto& [name, json] : input.extra->items()) {
      if (!in.Mentions(name)) continue;
      LEDGE_TRY(auto value, jinja::FromJson(heap, json));
      LEDGE_CHECK_OK(in.Define(name, std::move(value)));
    }
  }
  LEDGE_TRY(auto messages, jinja::FromMessages(heap, *input.messages));
  LEDGE_CHECK_OK(in.Define("messages", std::move(messages)));
  jinja::Value tools{jinja::None{}};
  if (input.tools && in.Mentions("tools")) {
    LEDGE_TRY(tools, jinja::FromJson(heap, *input.tools));
  }
  LEDGE_CHECK_OK(in.Define("tools", std::move(tools)));
  const bool documents =
      input.extra && input.extra->is_object() && input.extra->contains("documents");
  if (!documents) LEDGE_CHECK_OK(in.Define("documents", jinja::Value(jinja::None{})));
  LEDGE_CHECK_OK(in.Define("add_generation_prompt", jinja::Value(input.add_generation_prompt)));
  LEDGE_CHECK_OK(in.Define("bos_token", jinja::Value(jinja::Text::Literal(input.bos_token))));
  return in.Define("eos_token", jinja::Value(jinja::Text::Literal(input.eos_token)));
}

}  // namespace

Result<ChatTemplate> ChatTemplate::Parse(std::string source, std::string name) {
  const std::string context = fmt::format("chat template '{}'", name);
  if (source.size() > jinja::kMaxSourceBytes) {
    return MakeError(Code::kUnsupported, "{} has {} bytes; at most {} are read", context,
                     source.size(), jinja::kMaxSourceBytes);
  }
  for (std::string_view rest = source; !rest.empty();) {
    const size_t length = Utf8SequenceLength(rest);
    if (length == 0) {
      return MakeError(Code::kMalformed, "{} is not UTF-8 at byte {}", context,
                       source.size() - rest.size());
    }
    rest.remove_prefix(length);
  }
  LEDGE_TRY(auto program, jinja::ParseProgram(jinja::NormalizeSource(source)).WithContext(context));
  ChatTemplate parsed;
  parsed.name_ = std::move(name);
  parsed.source_ = std::move(source);
  parsed.program_ = std::make_shared<const jinja::Program>(std::move(program));
  return parsed;
}

bool ChatTemplate::Mentions(std::string_view variable) const {
  const auto& names = program_->names;
  return std::find(names.begin(), names.end(), variable) != names.end();
}

Result<Rendered> ChatTemplate::Render(const RenderInput& input) const {
  if (!input.messages || !input.messages->is_array()) {
    return MakeError(Code::kUsage,
                     "the messages for a chat template are not an array; they must be one");
  }
  jinja::Heap heap;
  jinja::Interpreter interpreter(*program_, heap, input.now);
  LEDGE_CHECK_OK(
      DefineVariables(interpreter, input).WithContext(fmt::format("chat template '{}'", name_)));
  auto text = interpreter.Run();
  if (!text.ok()) {
    Error error = std::move(text).error();
    if (error.code == Code::kUsage) return error;  // the template's own words
    return std::move(error).WithContext(
        fmt::format("chat template '{}', line {}", name_, interpreter.line()));
  }
  Rendered rendered;
  rendered.text = std::string(text->bytes());
  for (const auto& span : text->plain()) rendered.plain.push_back({span.begin, span.end});
  return rendered;
}

}  // namespace ledge
