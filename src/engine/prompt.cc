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

Result<std::vector<Token>> PromptFromMessages(const ChatTemplate& chat_template,
                                              const Tokenizer& tokenizer,
                                              const nlohmann::ordered_json& messages) {
  return PromptFromConversation(chat_template, tokenizer, {.messages = &messages});
}

Result<std::vector<Token>> PromptFromConversation(const ChatTemplate& chat_template,
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
  return ids;
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
