#include "api/sampling_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <initializer_list>
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

bool NamesAny(FieldReader& fields, std::initializer_list<const char*> names) {
  return std::ranges::any_of(names, [&](const char* name) { return fields.Find(name) != nullptr; });
}

}  // namespace

void ReadSamplingFields(FieldReader& fields, Ask& ask) {
  SamplingOptions& s = ask.sampling;
  if (NamesAny(fields, {"temperature", "top_p", "top_k", "min_p", "typical_p"})) {
    s.temperature = s.top_p = s.typical_p = 1;
    s.top_k = 0;
    s.min_p = 0;
  }
  const auto number = [&](const char* name, float& value, double high) {
    value = static_cast<float>(fields.Number(name, static_cast<double>(value), 0, high));
  };
  number("temperature", s.temperature, 100);
  number("top_p", s.top_p, 1);
  s.top_k = static_cast<int32_t>(fields.Whole("top_k", s.top_k, 0, INT32_MAX));
  number("min_p", s.min_p, 1);
  number("typical_p", s.typical_p, 1);
  number("repeat_penalty", s.repeat_penalty, 100);
  s.repeat_last_n =
      static_cast<int32_t>(fields.Whole("repeat_last_n", s.repeat_last_n, 0, kMaxRepeatLastN));
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
