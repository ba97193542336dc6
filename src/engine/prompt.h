// A conversation -> the token ids that a model is prompted with.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/grammar/spec.h"
#include "engine/template/chat_template.h"
#include "gguf/gguf.h"
#include "tokenizer/tokenizer.h"

namespace ledge {

// The template that a model's conversations go through, and where it came from.
struct ChosenTemplate {
  ChatTemplate chat_template;
  bool guessed = false;  // the file has none: worth telling the user
};
// The sentence to tell; only if `chosen` was guessed.
std::string GuessOfTemplate(const ChosenTemplate& chosen);

// A built-in's name, or the source text of a template that the user gave, or nothing: then the
// model's own
// (`tokenizer.chat_template`), else a guess from name and vocabulary.
struct TemplateWish {
  std::string builtin;  // a name
  std::string source;   // a text, called `source_name` in messages
  std::string source_name;
};
Result<ChosenTemplate> ChooseTemplate(const GgufHeader& header, const Tokenizer& tokenizer,
                                      const TemplateWish& wish);

// All that a template can look at: tools and variables may be null.
struct Conversation {
  const nlohmann::ordered_json* messages = nullptr;
  const nlohmann::ordered_json* tools = nullptr;
  const nlohmann::ordered_json* variables = nullptr;
};
struct ChatPrompt {
  std::vector<Token> tokens;
  // As the prompt ends; else kMayBegin where the template knows of thinking.
  Thinking thinking = Thinking::kNone;
};
// Renders the conversation and tokenizes it. Control tokens are found only in what the template
// itself wrote; BOS is added where the model asks for it and the template wrote none. Where the
// template refuses a conversation that begins with a system message (Gemma's, the first of
// Mistral's), that goes to the beginning of what the user says first, and is refused only if it
// doesn't help.
Result<ChatPrompt> PromptFromConversation(const ChatTemplate& chat_template,
                                          const Tokenizer& tokenizer,
                                          const Conversation& conversation);

// The control tokens that kThinkBegin and kThinkEnd are, if they are any: to be shown, since
// readers of answers go by their text.
std::vector<Token> ThinkingMarks(const Tokenizer& tokenizer);

// Text without a template, BOS in front where the model asks for it. The text of control tokens
// becomes them: who asks for no template writes what a template would.
Result<std::vector<Token>> PromptFromText(const Tokenizer& tokenizer, std::string_view text);

}  // namespace ledge
