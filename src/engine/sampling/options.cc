#include "engine/sampling/options.h"

#include <cmath>

namespace ledge {
namespace {

Result<void> Within(std::string_view name, double value, double low, double high) {
  if (value >= low && value <= high) return {};  // not so for NaN
  return MakeError(Code::kUsage, "{} is {}; it must be from {} to {}", name, value, low, high);
}

}  // namespace

Result<void> Validate(const SamplingOptions& options, size_t vocab_size) {
  LEDGE_CHECK_OK(Within("temperature", options.temperature, 0, 100));
  LEDGE_CHECK_OK(Within("top_k", options.top_k, 0, INT32_MAX));
  LEDGE_CHECK_OK(Within("top_p", options.top_p, 0, 1));
  LEDGE_CHECK_OK(Within("min_p", options.min_p, 0, 1));
  LEDGE_CHECK_OK(Within("typical_p", options.typical_p, 0, 1));
  LEDGE_CHECK_OK(Within("repeat_penalty", options.repeat_penalty, 0.01, 100));
  LEDGE_CHECK_OK(Within("presence_penalty", options.presence_penalty, -100, 100));
  LEDGE_CHECK_OK(Within("frequency_penalty", options.frequency_penalty, -100, 100));
  LEDGE_CHECK_OK(Within("repeat_last_n", options.repeat_last_n, 0, kMaxRepeatLastN));
  LEDGE_CHECK_OK(Within("top_logprobs", options.top_logprobs, -1, kMaxTopLogprobs));
  if (options.logit_bias.size() > kMaxLogitBiases) {
    return MakeError(Code::kUsage, "logit_bias has {} entries; at most {} are taken",
                     options.logit_bias.size(), kMaxLogitBiases);
  }
  for (const auto& [token, bias] : options.logit_bias) {
    if (token < 0 || static_cast<size_t>(token) >= vocab_size) {
      return MakeError(Code::kUsage, "logit_bias names token {}; the vocabulary has 0 to {}", token,
                       static_cast<int64_t>(vocab_size) - 1);
    }
    if (std::isnan(bias) || bias > 1000 || (bias < -1000 && !std::isinf(bias))) {
      return MakeError(Code::kUsage,
                       "logit_bias of token {} is {}; it must be from -1000 to 1000, or -inf",
                       token, bias);
    }
  }
  return {};
}

}  // namespace ledge
