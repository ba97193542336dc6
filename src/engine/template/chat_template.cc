#include "engine/template/chat_template.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/utf8.h"
#include "engine/template/input.h"
#include "engine/template/interpreter.h"
#include "engine/template/lexer.h"
#include "engine/template/parser.h"
#include "engine/template/strftime.h"

namespace ledge {
namespace {

using nlohmann::ordered_json;

bool Given(const RenderInput& input, std::string_view name) {
  return input.extra && input.extra->is_object() && input.extra->contains(name);
}

// Firefunction has names of its own for tools and the time: the functions as a JSON text, and a
// date, as its model card makes them.
Result<void> DefineFunctions(jinja::Interpreter& in, const RenderInput& input) {
  if (!in.Mentions("functions") || !in.Mentions("datetime") || in.Mentions("tools")) return {};
  if (!Given(input, "functions")) {
    auto functions = ordered_json::array();
    if (input.tools && input.tools->is_array()) {
      for (const ordered_json& tool : *input.tools) {
        const bool wrapped = tool.is_object() && tool.contains("function");
        functions.push_back(wrapped ? tool["function"] : tool);
      }
    }
    std::string text = functions.dump(4, ' ', false, ordered_json::error_handler_t::replace);
    LEDGE_TRY(auto value, jinja::FromJson(in.heap(), ordered_json(std::move(text))));
    LEDGE_CHECK_OK(in.Define("functions", std::move(value)));
  }
  if (Given(input, "datetime")) return {};
  std::string date = jinja::FormatTime("%Y-%m-%d %H:%M:%S", input.now);
  return in.Define("datetime", jinja::Value(jinja::Text::Literal(std::move(date))));
}

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
  if (!Given(input, "documents")) {
    LEDGE_CHECK_OK(in.Define("documents", jinja::Value(jinja::None{})));
  }
  LEDGE_CHECK_OK(DefineFunctions(in, input));
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
