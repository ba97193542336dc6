// The part of OpenAI's chat API that a load test speaks: a streamed request, and the chunks of its
// answer. Source: OpenAI API reference, "Chat" and "Streaming".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace ledge {

struct ChatAsk {
  std::string model;
  std::string system;  // empty: none. The prefix that all requests share
  std::string prompt;
  std::string schema;  // a JSON Schema's text; empty: none
  uint32_t max_tokens = 64;
  double temperature = 0;
  bool ignore_end = false;  // "ignore_eos", which ledge, llama.cpp and vLLM know
};
// kMalformed for a schema that is no JSON.
Result<std::string> ChatBody(const ChatAsk& ask);

// As the server counts them.
struct ChatUsage {
  uint64_t prompt_tokens = 0;
  uint64_t cached_tokens = 0;  // of the prompt, not computed
  uint64_t completion_tokens = 0;
  uint64_t forced_tokens = 0;  // of the answer, where only one was possible
};

struct ChatChunk {
  bool has_text = false;  // answer, reasoning or a call: something that a person waits for
  std::optional<ChatUsage> usage;
  std::string error;  // the server's message
};
// kMalformed where the event is no chunk.
Result<ChatChunk> ParseChatChunk(std::string_view data);

// What a server says went wrong, from the body of an answer that is no stream; empty if it says
// nothing in OpenAI's form.
std::string ErrorMessageOf(std::string_view body);
// The first model of GET /v1/models' answer.
Result<std::string> FirstModelOf(std::string_view body);

}  // namespace ledge
