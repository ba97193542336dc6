#include "api/sampling_fields.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>

#include "engine/stop/stop_matcher.h"

namespace ledge {
namespace {

void ReadBias(FieldReader& fields, SamplingOptions& sampling) {
  const Json* bias = fields.Find("logit_bias");
  if (bias == nullptr) return;
  if (!bias->is_object() || bias->size() > kMaxLogitBiases) {
    fields.Fail("logit_bias",
                fmt::format("logit_bias is a {} of {}; must be an object of at most {} "
                            "token ids and numbers",
                            bias->type_name(), bias->size(), kMaxLogitBiases));
    return;
  }
  for (const auto& [key, value] : bias->items()) {
    Token token = 0;
    const auto [end, problem] = std::from_chars(key.data(), key.data() + key.size(), token);
    const double number = value.is_number() ? value.get<double>() : 1e9;
    if (problem != std::errc() || end != key.data() + key.size() || token < 0 ||
        !(number >= -100 && number <= 100)) {
      fields.Fail("logit_bias",
                  fmt::format("logit_bias['{}'] is {}; must be a token id with a "
                              "number from -100 to 100",
                              PrintableLine(key, 40), PrintableLine(Dump(value), 40)));
      return;
    }
    // As in OpenAI's API -100 bans a token.
    const float added =
        number <= -100 ? -std::numeric_limits<float>::infinity() : static_cast<float>(number);
    sampling.logit_bias.emplace_back(token, added);
  }
}

}  // namespace

void ReadSamplingFields(FieldReader& fields, Ask& ask) {
  SamplingOptions& s = ask.sampling;
  s.temperature = static_cast<float>(fields.Number("temperature", 1.0, 0, 100));
  s.top_p = static_cast<float>(fields.Number("top_p", 1.0, 0, 1));
  s.top_k = static_cast<int32_t>(fields.Whole("top_k", 0, 0, INT32_MAX));
  s.min_p = static_cast<float>(fields.Number("min_p", 0, 0, 1));
  s.typical_p = static_cast<float>(fields.Number("typical_p", 1.0, 0, 1));
  s.repeat_penalty = static_cast<float>(fields.Number("repeat_penalty", 1.0, 0, 100));
  s.repeat_last_n = static_cast<int32_t>(fields.Whole("repeat_last_n", 64, 0, kMaxRepeatLastN));
  s.presence_penalty = static_cast<float>(fields.Number("presence_penalty", 0, -2, 2));
  s.frequency_penalty = static_cast<float>(fields.Number("frequency_penalty", 0, -2, 2));
  if (const auto seed = fields.OptionalWhole("seed", INT64_MIN, INT64_MAX)) {
    s.seed = static_cast<uint64_t>(*seed);
    ask.random_seed = false;
  }
  ReadBias(fields, s);
  ask.stop = fields.Texts("stop", kMaxStopStrings);
  for (const std::string& stop : ask.stop) {
    if (stop.empty() || stop.size() > kMaxStopBytes) {
      fields.Fail("stop", fmt::format("a stop string has {} bytes; must be 1 to {}", stop.size(),
                                      kMaxStopBytes));
    }
  }
  // Ours: who comes first when not all can be served, and by when it is of use.
  ask.priority = static_cast<int>(fields.Whole("priority", 0, -1, 1));
  ask.deadline = std::chrono::milliseconds(fields.Whole("deadline_ms", 0, 0, 86'400'000));
  ask.ignore_end = fields.Flag("ignore_eos", false);
}

}  // namespace ledge
