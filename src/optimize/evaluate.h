// How well a model predicts a text: perplexity, counted as llama.cpp's llama-perplexity counts it.
//
// The text's tokens (BOS in front where the model adds one) are cut into windows of `context`
// tokens; a rest is left out. In each window the first token is replaced by BOS where the model
// adds one, and the tokens behind position context / 2 are scored: context - 1 - context / 2 of
// them. Perplexity is the exponential of their mean negative log likelihood; its standard error is
// perplexity times the standard error of that mean.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "executor/executor.h"
#include "tokenizer/tokenizer.h"

namespace ledge {

inline constexpr uint32_t kMinEvaluationContext = 8;

struct PerplexityOptions {
  uint32_t context = 512;
  uint32_t chunks = 0;   // windows at most; 0: all
  Token bos = kNoToken;  // takes the first place of each window; kNoToken: nothing does
};

struct PerplexityReport {
  double perplexity = 0;
  double standard_error = 0;
  uint64_t tokens = 0;  // scored
  uint32_t chunks = 0;  // windows
};

// After each window: how many are done, of how many, and the report so far.
using PerplexityProgress =
    std::function<void(uint32_t total_chunks, const PerplexityReport& so_far)>;

// kUsage for a context out of range or fewer than two windows of tokens; kInterrupted when `stop`
// asked; and the errors of Executor::Step. Windows are computed several at once where columns and
// memory allow; the result does not depend on it.
Result<PerplexityReport> Perplexity(Executor& executor, std::span<const Token> tokens,
                                    const PerplexityOptions& options,
                                    const PerplexityProgress& progress, const StopFlag& stop);

// The same from text, one newline at its end left out. `options.bos` is set by the tokenizer.
Result<PerplexityReport> EvaluateText(Executor& executor, const Tokenizer& tokenizer,
                                      std::string_view text, PerplexityOptions options,
                                      const PerplexityProgress& progress, const StopFlag& stop);

}  // namespace ledge
