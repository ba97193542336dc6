// How the next token is chosen. Names and defaults are llama.cpp's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/token.h"

namespace ledge {

inline constexpr int32_t kMaxRepeatLastN = 65536;
inline constexpr int32_t kMaxTopLogprobs = 20;
inline constexpr size_t kMaxLogitBiases = 4096;

struct SamplingOptions {
  float temperature = 0.8f;  // 0: always the likeliest token
  int32_t top_k = 40;        // 0: all
  float top_p = 0.95f;       // 1: all
  float min_p = 0.05f;       // 0: all
  float typical_p = 1.0f;    // 1: all
  // Over the last repeat_last_n tokens given to Accept. 1, 0 and 0 are off.
  float repeat_penalty = 1.0f;
  float presence_penalty = 0.0f;
  float frequency_penalty = 0.0f;
  int32_t repeat_last_n = 64;
  // Added to logits; minus infinity forbids a token.
  std::vector<std::pair<Token, float>> logit_bias;
  // The caller takes it from the system's entropy where its user gave none.
  uint64_t seed = 0;
  // -1: no log-probabilities; 0: of the chosen token; N: and of the N likeliest ones.
  int32_t top_logprobs = -1;
};

// kUsage, naming the option, its value and what it takes.
Result<void> Validate(const SamplingOptions& options, size_t vocab_size);

}  // namespace ledge
