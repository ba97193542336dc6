#include "worker/prompt_maker.h"

#include <nlohmann/json.hpp>

namespace ledge {
namespace {

using Json = nlohmann::ordered_json;

// The front has checked it; it is read as hostile all the same.
Result<Json> ParseField(const char* name, const std::string& text) {
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return MakeError(Code::kUsage, "{} is no JSON; must be", name);
  return json;
}

Result<std::vector<Token>> ChatPrompt(const Ask& ask, const ChatTemplate& chat_template,
                                      const Tokenizer& tokenizer) {
  LEDGE_TRY(const Json messages, ParseField("messages", ask.messages));
  Conversation conversation{.messages = &messages};
  Json tools;
  Json variables;
  if (!ask.tools.empty()) {
    LEDGE_TRY(tools, ParseField("tools", ask.tools));
    conversation.tools = &tools;
  }
  if (!ask.variables.empty()) {
    LEDGE_TRY(variables, ParseField("chat_template_kwargs", ask.variables));
    conversation.variables = &variables;
  }
  return PromptFromConversation(chat_template, tokenizer, conversation);
}

}  // namespace

Result<Request> MakeRequest(const Ask& ask, const ChatTemplate& chat_template,
                            const Tokenizer& tokenizer, GrammarCache& grammars, uint64_t random) {
  Request request;
  LEDGE_TRY(request.grammar, grammars.Get(ask.grammar));
  request.sampling = ask.sampling;
  if (ask.random_seed) request.sampling.seed = random + ask.sampling.seed;
  request.stop = ask.stop;
  if (ask.max_tokens) request.max_tokens = *ask.max_tokens;
  request.ignore_end = ask.ignore_end;
  request.client = ask.client;
  request.priority = ask.priority;
  request.deadline = ask.deadline;
  if (ask.kind == AskKind::kChat) {
    auto prompt = ChatPrompt(ask, chat_template, tokenizer);
    // Whatever a template can't do with a conversation is the conversation's fault to its client.
    if (!prompt.ok()) return Error{Code::kUsage, prompt.error().message};
    request.prompt = *std::move(prompt);
  } else if (ask.kind == AskKind::kTokens || !ask.tokens.empty()) {
    request.prompt = ask.tokens;
  } else {
    LEDGE_TRY(request.prompt, PromptFromText(tokenizer, ask.text));
  }
  return request;
}

}  // namespace ledge
