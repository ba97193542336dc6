#include "worker/prompt_maker.h"

#include <nlohmann/json.hpp>

#include "engine/ordered_json.h"
#include "worker/tool_prompt.h"

namespace ledge {
namespace {

using Json = nlohmann::ordered_json;

// Of a body and of the arguments of calls that stood in it as texts.
constexpr JsonLimits kOfAsk = {.depth = 2 * JsonLimits{}.depth, .values = 8'000'000};

// The front has checked it; it is read as hostile all the same.
Result<Json> ParseField(const char* name, const std::string& text) {
  auto json = ParseOrderedJson(text, kOfAsk);
  if (!json.ok()) return MakeError(Code::kUsage, "{} {}", name, json.error().message);
  return json;
}

Result<ChatPrompt> PromptOf(const Ask& ask, const ChatTemplate& chat_template,
                            const Tokenizer& tokenizer) {
  LEDGE_TRY(Json messages, ParseField("messages", ask.messages));
  Conversation conversation{.messages = &messages};
  Json tools;
  Json variables;
  if (!ask.tools.empty()) {
    LEDGE_TRY(tools, ParseField("tools", ask.tools));
    if (ToolFormatOf(chat_template.source()) == ToolFormat::kNone) {
      messages = WithToolsAsText(messages, tools);
    } else {
      conversation.tools = &tools;
    }
  }
  if (!ask.variables.empty()) {
    LEDGE_TRY(variables, ParseField("chat_template_kwargs", ask.variables));
    conversation.variables = &variables;
  }
  auto prompt = PromptFromConversation(chat_template, tokenizer, conversation);
  if (prompt.ok()) return prompt;
  // Some templates take arguments of calls as objects, some as texts.
  const Json with_texts = WithArgumentsAsText(messages);
  if (with_texts == messages) return prompt;
  conversation.messages = &with_texts;
  auto again = PromptFromConversation(chat_template, tokenizer, conversation);
  return again.ok() ? std::move(again) : std::move(prompt);
}

// What makes calls of an answer: marks are shown, and a demanded call is begun, unless the model
// has to think first.
Result<void> PrepareCalls(const Ask& ask, ToolFormat format, const Tokenizer& tokenizer,
                          ChatPrompt& prompt, Request& request) {
  for (const std::string_view marker : MarkersOf(format)) {
    const Token token = tokenizer.Find(marker);
    if (token != kNoToken && !tokenizer.IsEndOfGeneration(token)) request.shown.push_back(token);
  }
  if (!ask.forced_call || prompt.thinking == Thinking::kBegun) return {};
  LEDGE_TRY(const auto opening, tokenizer.Encode(OpeningOf(format), {.parse_special = true}));
  prompt.tokens.insert(prompt.tokens.end(), opening.begin(), opening.end());
  prompt.thinking = Thinking::kNone;
  return {};
}

// The prompt of a conversation, and what depends on how it ends.
Result<Thinking> PrepareChat(const Ask& ask, const ChatTemplate& chat_template,
                             const Tokenizer& tokenizer, Request& request) {
  auto prompt = PromptOf(ask, chat_template, tokenizer);
  // Whatever a template can't do with a conversation is the conversation's fault to its client.
  if (!prompt.ok()) return Error{Code::kUsage, prompt.error().message};
  request.shown = ThinkingMarks(tokenizer);
  if (!ask.tools.empty())
    LEDGE_CHECK_OK(PrepareCalls(ask, ToolFormatOf(chat_template), tokenizer, *prompt, request));
  request.prompt = std::move(prompt->tokens);
  return prompt->thinking;
}

}  // namespace

ToolFormat ToolFormatOf(const ChatTemplate& chat_template) {
  const ToolFormat format = ToolFormatOf(chat_template.source());
  return format == ToolFormat::kNone ? ToolFormat::kHermes : format;
}

Result<MadeRequest> MakeRequest(const Ask& ask, const ChatTemplate& chat_template,
                                const Tokenizer& tokenizer, GrammarCache& grammars,
                                uint64_t random) {
  Request request;
  request.sampling = ask.sampling;
  if (ask.random_seed) request.sampling.seed = random + ask.sampling.seed;
  request.stop = ask.stop;
  if (ask.max_tokens) request.max_tokens = *ask.max_tokens;
  request.ignore_end = ask.ignore_end;
  request.client = ask.client;
  request.priority = ask.priority;
  request.deadline = ask.deadline;
  GrammarSpec spec = ask.grammar;
  if (ask.kind == AskKind::kChat) {
    LEDGE_TRY(spec.thinking, PrepareChat(ask, chat_template, tokenizer, request));
  } else if (ask.kind == AskKind::kTokens || !ask.tokens.empty()) {
    request.prompt = ask.tokens;
  } else {
    LEDGE_TRY(request.prompt, PromptFromText(tokenizer, ask.text));
  }
  LEDGE_TRY(request.grammar, grammars.Get(spec));
  return MadeRequest{std::move(request), spec.thinking == Thinking::kBegun};
}

}  // namespace ledge
