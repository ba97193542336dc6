#include "api/ollama_answer.h"

#include "base/units.h"

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

void OllamaAnswer::AddLoaded(Json& body) const {
  body["done"] = true;
  const auto kept = ParseDuration(keep_alive);
  body["done_reason"] = kept.ok() && kept->count() == 0 ? "unload" : "load";
}

}  // namespace ledge
