// How well a model predicts a text: perplexity, counted as llama.cpp's llama-perplexity counts it
// (optimize/windows.h says which tokens are scored). Perplexity is the exponential of the mean
// negative log likelihood; its standard error is perplexity times the standard error of that mean.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "executor/executor.h"
#include "optimize/windows.h"
#include "tokenizer/tokenizer.h"

namespace ledge {

struct PerplexityReport {
  double perplexity = 0;
  double standard_error = 0;
  uint64_t tokens = 0;  // scored
  uint32_t chunks = 0;  // windows
};

// After each window: how many are done, of how many, and the report so far.
using PerplexityProgress =
    std::function<void(uint32_t total_chunks, const PerplexityReport& so_far)>;

// Adds up the negative log likelihoods of scored tokens.
class PerplexitySum {
 public:
  void Add(double nll) {
    sum_ += nll;
    squares_ += nll * nll;
    ++count_;
  }
  uint64_t count() const { return count_; }
  PerplexityReport Report(uint32_t chunks) const;

 private:
  double sum_ = 0;
  double squares_ = 0;
  uint64_t count_ = 0;
};

// Errors are those of PlanWindows and WalkWindows.
Result<PerplexityReport> Perplexity(Executor& executor, std::span<const Token> tokens,
                                    const WindowOptions& options,
                                    const PerplexityProgress& progress, const StopFlag& stop);

// The tokens of a text that is evaluated: one newline at its end left out, BOS in front where the
// model adds one, which then goes into `options` too.
Result<std::vector<Token>> TokensToEvaluate(const Tokenizer& tokenizer, std::string_view text,
                                            WindowOptions& options);

// Perplexity of a text.
Result<PerplexityReport> EvaluateText(Executor& executor, const Tokenizer& tokenizer,
                                      std::string_view text, WindowOptions options,
                                      const PerplexityProgress& progress, const StopFlag& stop);

}  // namespace ledge
