#include "engine/prompt.h"

#include <nlohmann/json.hpp>

#include "engine/template/builtin_templates.h"

namespace ledge {
namespace {

std::string TextOf(const Tokenizer& tokenizer, Token token) {
  return token == kNoToken ? std::string() : std::string(tokenizer.TokenText(token));
}

bool StartsWithBos(const Tokenizer& tokenizer, const std::vector<Token>& ids) {
  return !ids.empty() && ids.front() == tokenizer.bos();
}

// Only what the template itself wrote counts.
Thinking ThinkingOf(const ChatTemplate& chat_template, const Rendered& rendered) {
  const size_t last = rendered.text.find_last_not_of(" \t\r\n");
  const auto end = last == std::string::npos ? 0 : last + 1;
  const std::string_view text = std::string_view(rendered.text).substr(0, end);
  const auto ends_in = [&](std::string_view mark) {
    return text.ends_with(mark) &&
           (rendered.plain.empty() || rendered.plain.back().end + mark.size() <= text.size());
  };
  if (ends_in(kThinkBegin)) return Thinking::kBegun;
  if (ends_in(kThinkEnd)) return Thinking::kNone;
  const bool knows = chat_template.source().find(kThinkEnd) != std::string::npos;
  return knows ? Thinking::kMayBegin : Thinking::kNone;
}

}  // namespace

Result<ChosenTemplate> ChooseTemplate(const GgufHeader& header, const Tokenizer& tokenizer,
                                      const TemplateWish& wish) {
  if (!wish.builtin.empty()) {
    LEDGE_TRY(ChatTemplate loaded, LoadBuiltinTemplate(wish.builtin));
    return ChosenTemplate{std::move(loaded)};
  }
  if (!wish.source.empty()) {
    LEDGE_TRY(ChatTemplate parsed, ChatTemplate::Parse(wish.source, wish.source_name));
    return ChosenTemplate{std::move(parsed)};
  }
  LEDGE_TRY(const auto own, header.String("tokenizer.chat_template", ""));
  if (!own.empty()) {
    LEDGE_TRY(ChatTemplate parsed,
              ChatTemplate::Parse(std::string(own), "tokenizer.chat_template of " + header.file()));
    return ChosenTemplate{std::move(parsed)};
  }
  LEDGE_TRY(const auto name, header.String("general.name", header.file()));
  LEDGE_TRY(const auto architecture, header.String("general.architecture", ""));
  const TemplateHints hints{
      .model_name = name, .architecture = architecture, .has_token = [&](std::string_view text) {
        return tokenizer.Find(text) != kNoToken;
      }};
  LEDGE_TRY(ChatTemplate guess, LoadBuiltinTemplate(GuessTemplate(hints)));
  return ChosenTemplate{std::move(guess), true};
}

std::string GuessOfTemplate(const ChosenTemplate& chosen) {
  return fmt::format("the model file has no chat template; guessed '{}'",
                     chosen.chat_template.name());
}

Result<ChatPrompt> PromptFromConversation(const ChatTemplate& chat_template,
                                          const Tokenizer& tokenizer,
                                          const Conversation& conversation) {
  LEDGE_TRY(const Rendered rendered,
            chat_template.Render({.messages = conversation.messages,
                                  .tools = conversation.tools,
                                  .extra = conversation.variables,
                                  .bos_token = TextOf(tokenizer, tokenizer.bos()),
                                  .eos_token = TextOf(tokenizer, tokenizer.eos())}));
  std::vector<TextRange> plain;
  for (const PlainSpan& span : rendered.plain) plain.push_back({span.begin, span.end});
  LEDGE_TRY(auto ids, tokenizer.Encode(rendered.text, {.parse_special = true, .plain = plain}));
  if (tokenizer.adds_bos() && tokenizer.bos() != kNoToken && !StartsWithBos(tokenizer, ids)) {
    ids.insert(ids.begin(), tokenizer.bos());
  }
  return ChatPrompt{std::move(ids), ThinkingOf(chat_template, rendered)};
}

std::vector<Token> ThinkingMarks(const Tokenizer& tokenizer) {
  std::vector<Token> marks;
  for (const std::string_view text : {kThinkBegin, kThinkEnd}) {
    const Token token = tokenizer.Find(text);
    if (tokenizer.IsControl(token) && !tokenizer.IsEndOfGeneration(token)) marks.push_back(token);
  }
  return marks;
}

Result<std::vector<Token>> PromptFromText(const Tokenizer& tokenizer, std::string_view text) {
  LEDGE_TRY(auto ids, tokenizer.Encode(text, {.add_special = true, .parse_special = true}));
  // A prompt is to be gone on with: an EOS that closes texts would end it.
  if (tokenizer.adds_eos() && !ids.empty() && ids.back() == tokenizer.eos()) ids.pop_back();
  // An empty text still needs one token to predict from.
  if (ids.empty() && tokenizer.bos() != kNoToken) ids.push_back(tokenizer.bos());
  return ids;
}

}  // namespace ledge
