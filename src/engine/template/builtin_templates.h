// Templates for models whose file has none.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/template/chat_template.h"

namespace ledge {

struct BuiltinTemplate {
  std::string_view name;  // for --chat-template NAME
  std::string_view source;
};

// In the order of their names.
std::span<const BuiltinTemplate> BuiltinTemplates();
// "alpaca, chatml, ...", for messages.
std::string BuiltinTemplateNames();
// kNotFound, with the names that there are.
Result<ChatTemplate> LoadBuiltinTemplate(std::string_view name);

struct TemplateHints {
  // general.name, what its file or the store calls it, general.architecture: any may be empty.
  std::vector<std::string_view> names;
  // Whether the vocabulary has this text as one token.
  std::function<bool(std::string_view)> has_token;
};
// The built-in that fits best: control tokens of the vocabulary first, then the names, among which
// a tuned model's counts for more than that of what it was made of; chatml if nothing else does.
std::string_view GuessTemplate(const TemplateHints& hints);

}  // namespace ledge
