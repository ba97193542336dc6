// What an API's request comes down to, whichever API it was: one answer to be computed by the
// model, and what the model says about it. Plain data; it travels to the model's process and back
// (worker/message.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/tools/tool_format.h"
#include "base/error.h"
#include "base/token.h"
#include "engine/grammar/spec.h"
#include "engine/sampling/options.h"

namespace ledge {

enum class AskKind {
  kChat,    // `messages` go through the model's chat template
  kText,    // `text` as it is
  kTokens,  // `tokens` as they are
  kEmbed,   // the vector of `text`, or of `tokens` if there are any
};

struct Ask {
  AskKind kind = AskKind::kChat;
  std::string messages;   // kChat: a JSON array, as OpenAI's API has messages
  std::string tools;      // kChat: a JSON array of tools, or empty
  std::string variables;  // kChat: a JSON object of further variables for the template, or empty
  std::string text;
  std::vector<Token> tokens;
  SamplingOptions sampling;
  bool random_seed = true;  // the client gave none
  std::vector<std::string> stop;
  std::optional<uint64_t> max_tokens;
  bool ignore_end = false;
  GrammarSpec grammar;                    // the answer keeps to it
  bool forced_call = false;               // which is a call of a tool
  std::vector<std::string> tool_names;    // with any, the answer ends with its first call of one
  bool echo_tokens = false;               // tell the id of every token
  std::string client;                     // whose it is: fairness and the prefix cache go by it
  int priority = 0;                       // -1: after all others; 1: before
  std::chrono::milliseconds deadline{0};  // from its arrival; 0: none
};

// Where the model can begin.
struct AskStarted {
  uint32_t prompt_tokens = 0;
  uint32_t cached_tokens = 0;  // of these, so many are known now; AskUsage has the last word
  ToolFormat tool_format = ToolFormat::kNone;  // how the model writes calls
  bool thinking = false;  // the prompt has begun what the model thinks: <think>
};

struct TokenShare {
  Token token = 0;
  std::string bytes;  // what the token prints
  float logprob = 0;
};

struct AskPiece {
  std::string text;     // valid UTF-8; may be empty
  uint32_t tokens = 0;  // since the last piece, those included whose text was held back
  std::vector<Token> ids;
  // With log-probabilities: one a token; and the likeliest ones beside it.
  std::vector<TokenShare> logprobs;
  std::vector<std::vector<TokenShare>> top;
};

enum class AskFinish { kStop, kLength, kToolCalls, kCancelled };

struct AskUsage {
  uint32_t prompt_tokens = 0;
  uint32_t cached_tokens = 0;  // of the prompt
  uint32_t completion_tokens = 0;
  // Of these, those up to the end of what the model thought; the reader of the answer counts them,
  // not the worker.
  uint32_t reasoning_tokens = 0;
  uint32_t forced_tokens = 0;   // also of these, those that took no step of their own (engine.h)
  uint64_t dropped_tokens = 0;  // by shifts of the context (engine.h)
  std::chrono::nanoseconds to_first_token{0};
  std::chrono::nanoseconds total{0};
};

struct AskEnd {
  AskFinish finish = AskFinish::kStop;
  std::string stop_string;  // the one that ended it, if one did
  AskUsage usage;
  std::vector<float> embedding;  // kEmbed
};

}  // namespace ledge
