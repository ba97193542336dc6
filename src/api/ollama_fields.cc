#include "api/ollama_fields.h"

#include <fmt/format.h>

#include "base/units.h"
#include "engine/stop/stop_matcher.h"

namespace ledge {
namespace {

void ReadKeepAlive(FieldReader& fields, Exchange& exchange) {
  const Json* value = fields.Find("keep_alive");
  if (value == nullptr) return;
  if (value->is_number()) {
    exchange.keep_alive = Dump(*value);
  } else if (value->is_string()) {
    exchange.keep_alive = value->get<std::string>();
  }
  const bool for_ever = exchange.keep_alive.starts_with('-');
  if (exchange.keep_alive.empty() || (!for_ever && !ParseDuration(exchange.keep_alive).ok()))
    fields.Fail("keep_alive",
                fmt::format("keep_alive is {}; must be seconds or a duration like \"5m\"",
                            PrintableLine(Dump(*value), 40)));
}

// Whether the model is to think, or how much: variables that templates know.
void ReadThink(FieldReader& fields, Ask& ask) {
  const Json* think = fields.Find("think");
  if (think == nullptr) return;
  const bool effort = *think == "low" || *think == "medium" || *think == "high";
  if (!think->is_boolean() && !effort) {
    fields.Fail("think",
                fmt::format("think is {}; must be true, false, \"low\", \"medium\" or \"high\"",
                            PrintableLine(Dump(*think), 40)));
    return;
  }
  Json variables = {{"enable_thinking", effort || think->get<bool>()}};
  if (effort) variables["reasoning_effort"] = *think;
  ask.variables = Dump(variables);
}

}  // namespace

void ReadOllamaFields(FieldReader& fields, Exchange& exchange, Ask& ask) {
  ReadKeepAlive(fields, exchange);
  ReadThink(fields, ask);
  SamplingOptions& s = ask.sampling;  // its defaults are Ollama's, but for the penalty
  s.top_p = 0.9f;
  s.min_p = 0;
  s.repeat_penalty = 1.1f;
  const Json* options = fields.Find("options");
  if (options == nullptr) return;
  if (!options->is_object()) {
    fields.Fail("options", fmt::format("options is a {}; must be an object", options->type_name()));
    return;
  }
  FieldReader o(*options, "options.");
  s.temperature = static_cast<float>(o.Number("temperature", 0.8, 0, 100));
  s.top_p = static_cast<float>(o.Number("top_p", 0.9, 0, 1));
  s.top_k = static_cast<int32_t>(o.Whole("top_k", 40, 0, INT32_MAX));
  s.min_p = static_cast<float>(o.Number("min_p", 0, 0, 1));
  s.typical_p = static_cast<float>(o.Number("typical_p", 1, 0, 1));
  s.repeat_penalty = static_cast<float>(o.Number("repeat_penalty", 1.1, 0, 100));
  s.repeat_last_n = static_cast<int32_t>(o.Whole("repeat_last_n", 64, -1, kMaxRepeatLastN));
  if (s.repeat_last_n < 0) s.repeat_last_n = kMaxRepeatLastN;
  s.presence_penalty = static_cast<float>(o.Number("presence_penalty", 0, -100, 100));
  s.frequency_penalty = static_cast<float>(o.Number("frequency_penalty", 0, -100, 100));
  if (const auto seed = o.OptionalWhole("seed", INT64_MIN, INT64_MAX)) {
    s.seed = static_cast<uint64_t>(*seed);
    ask.random_seed = false;
  }
  ask.stop = o.Texts("stop", kMaxStopStrings);
  for (const std::string& stop : ask.stop) {
    if (stop.empty() || stop.size() > kMaxStopBytes)
      o.Fail("stop", fmt::format("a stop string has {} bytes; must be 1 to {}", stop.size(),
                                 kMaxStopBytes));
  }
  // -1 and -2: as long as it takes.
  if (const auto most = o.OptionalWhole("num_predict", -2, UINT32_MAX); most && *most >= 0)
    ask.max_tokens = static_cast<uint64_t>(*most);
  if (o.failed()) fields.Fail(o.error().param, o.error().message);
}

}  // namespace ledge
