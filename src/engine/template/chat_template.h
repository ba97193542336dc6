// Chat templates: a conversation -> the text that a model was trained to see.
//
// A template is written in the part of Jinja2 that chat templates use, with what transformers adds
// to it (raise_exception, strftime_now, tojson without HTML escapes, break and continue,
// `generation`), and comes with the model file or from a flag, so it is read as hostile: it reaches
// nothing but its variables, and steps, memory, output and nesting are bounded (limits.h).
//
// Where this differs from Python's Jinja2 on purpose: `safe` changes nothing, since nothing is
// escaped; sequences made by map, select and the like can be printed, counted and turned into JSON;
// none has no items, where Python would raise (so a template written for tools works without); a
// template that knows `functions` and `datetime` instead of tools (Firefunction) gets both;
// integers beyond 64 bits are an error (in the input they become floats); upper and lower map code
// point by code point. Source: Jinja 3.1 "Template Designer Documentation"; Hugging Face
// transformers, "Chat templates".
#pragma once

#include <chrono>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ledge {

namespace jinja {
struct Program;
}

struct RenderInput {
  // Array of objects: role, content (text or parts), tool_calls, ...
  const nlohmann::ordered_json* messages = nullptr;
  // Array of tools as OpenAI's API has them; null or absent: none.
  const nlohmann::ordered_json* tools = nullptr;
  // Object of further variables, such as {"enable_thinking": false}; none of them may be called
  // like a member of this struct (those win).
  const nlohmann::ordered_json* extra = nullptr;
  bool add_generation_prompt = true;
  std::string bos_token;
  std::string eos_token;
  // What strftime_now tells, in local time.
  std::chrono::system_clock::time_point now = std::chrono::system_clock::now();
};

// A range of bytes.
struct PlainSpan {
  size_t begin = 0;
  size_t end = 0;
  bool operator==(const PlainSpan&) const = default;
};

struct Rendered {
  std::string text;  // valid UTF-8
  // What came from messages, tools and extra variables: ascending, disjoint, not empty. Control
  // tokens may be recognised only where no byte of them lies in one of these. (A message's role
  // counts as the template's own where it is one of the usual words, so '<|' + role + '|>' is a
  // control token.)
  std::vector<PlainSpan> plain;
};

class ChatTemplate {
 public:
  // `name` is for messages: a built-in's name, or a file's. kMalformed for a syntax error (with its
  // line), kUnsupported for a limit or for a tag that has no place in a chat template.
  static Result<ChatTemplate> Parse(std::string source, std::string name);

  // Any number of threads may render at once. kUsage with the template's own message when it
  // refuses the conversation (raise_exception) or messages are not an array; kUnsupported beyond a
  // limit or for an unknown filter, test or method, by name; kMalformed where Python would raise.
  // The last two name the template and the line. Does not add BOS on its own: many templates write
  // bos_token, some leave it to the tokenizer, so a caller that adds BOS must look whether the text
  // begins with it.
  Result<Rendered> Render(const RenderInput& input) const;

  const std::string& name() const { return name_; }
  const std::string& source() const { return source_; }
  // Whether the template looks at the variable, e.g. "tools": else tools must be told in another
  // way.
  bool Mentions(std::string_view variable) const;

 private:
  ChatTemplate() = default;
  std::string name_;
  std::string source_;
  std::shared_ptr<const jinja::Program> program_;
};

}  // namespace ledge
