#include "engine/prompt.h"

#include <nlohmann/json.hpp>

#include "engine/template/builtin_templates.h"
#include "os/path.h"

namespace ledge {
namespace {

using Json = nlohmann::ordered_json;

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

bool HasRole(const Json& message, std::string_view role) {
  if (!message.is_object()) return false;
  const auto found = message.find("role");
  return found != message.end() && found->is_string() &&
         found->get_ref<const std::string&>() == role;
}

// A text, or the texts among its parts.
std::string ContentOf(const Json& message) {
  const auto content = message.find("content");
  if (content == message.end()) return {};
  if (content->is_string()) return content->get<std::string>();
  std::string text;
  if (!content->is_array()) return text;
  for (const Json& part : *content) {
    if (!part.is_object() || !part.contains("text") || !part["text"].is_string()) continue;
    text += part["text"].get<std::string>();
  }
  return text;
}

// The system messages at the beginning in front of what the user says first, as people write it for
// models that were trained without; nothing where there are none.
std::optional<Json> WithSystemInFirstTurn(const Json& messages) {
  if (!messages.is_array()) return std::nullopt;
  size_t first = 0;
  std::string system;
  for (; first < messages.size() && HasRole(messages[first], "system"); ++first)
    system += (first == 0 ? "" : "\n\n") + ContentOf(messages[first]);
  if (first == 0) return std::nullopt;
  Json merged = Json::array({Json{{"role", "user"}, {"content", system}}});
  if (first < messages.size() && HasRole(messages[first], "user")) {
    merged[0] = messages[first++];
    Json& content = merged[0]["content"];
    if (content.is_array()) {
      content.insert(content.begin(), Json{{"type", "text"}, {"text", system + "\n\n"}});
    } else {
      content = system + "\n\n" + ContentOf(merged[0]);
    }
  }
  for (; first < messages.size(); ++first) merged.push_back(messages[first]);
  return merged;
}

Result<Rendered> Render(const ChatTemplate& chat_template, const Tokenizer& tokenizer,
                        const Conversation& conversation, const Json& messages) {
  return chat_template.Render({.messages = &messages,
                               .tools = conversation.tools,
                               .extra = conversation.variables,
                               .bos_token = TextOf(tokenizer, tokenizer.bos()),
                               .eos_token = TextOf(tokenizer, tokenizer.eos())});
}

// A template that refuses the conversation may do so for its system message alone.
Result<Rendered> RenderOrMerge(const ChatTemplate& chat_template, const Tokenizer& tokenizer,
                               const Conversation& conversation) {
  auto rendered = Render(chat_template, tokenizer, conversation, *conversation.messages);
  if (rendered.ok() || rendered.error().code != Code::kUsage) return rendered;
  const auto merged = WithSystemInFirstTurn(*conversation.messages);
  if (!merged) return rendered;
  auto again = Render(chat_template, tokenizer, conversation, *merged);
  return again.ok() ? std::move(again) : std::move(rendered);
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
  LEDGE_TRY(const auto name, header.String("general.name", ""));
  const std::string file = BaseName(header.file());
  LEDGE_TRY(const auto architecture, header.String("general.architecture", ""));
  const TemplateHints hints{
      .names = {name, file, architecture},
      .has_token = [&](std::string_view text) { return tokenizer.Find(text) != kNoToken; }};
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
  LEDGE_TRY(const Rendered rendered, RenderOrMerge(chat_template, tokenizer, conversation));
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
