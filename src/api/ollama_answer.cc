#include "api/ollama_answer.h"

namespace ledge {

void OllamaAnswer::AddEnd(const Choice& choice, Json& body) {
  const AskUsage& usage = choice.usage;
  body["done"] = true;
  body["done_reason"] = choice.finish == AskFinish::kLength ? "length" : "stop";
  AddShift(usage, body);
  // In nanoseconds.
  body["total_duration"] = usage.total.count();
  body["load_duration"] = 0;
  body["prompt_eval_count"] = usage.prompt_tokens;
  body["prompt_eval_duration"] = usage.to_first_token.count();
  body["eval_count"] = usage.completion_tokens;
  body["eval_duration"] = (usage.total - usage.to_first_token).count();
}

void OllamaAnswer::AddLoaded(Json& body) {
  body["done"] = true;
  body["done_reason"] = "load";
}

}  // namespace ledge
