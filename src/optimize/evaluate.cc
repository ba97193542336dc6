#include "optimize/evaluate.h"

#include <cmath>

#include "engine/logits.h"

namespace ledge {

PerplexityReport PerplexitySum::Report(uint32_t chunks) const {
  PerplexityReport report;
  const double count = static_cast<double>(count_);
  const double mean = sum_ / count;
  const double variance = squares_ / count - mean * mean;
  report.perplexity = std::exp(mean);
  if (variance > 0 && count_ > 1)
    report.standard_error = std::sqrt(variance / (count - 1)) * report.perplexity;
  report.tokens = count_;
  report.chunks = chunks;
  return report;
}

Result<PerplexityReport> Perplexity(Executor& executor, std::span<const Token> tokens,
                                    const WindowOptions& options,
                                    const PerplexityProgress& progress, const StopFlag& stop) {
  Executor* const models[] = {&executor};
  LEDGE_TRY(const WindowPlan plan, PlanWindows(models, tokens.size(), options));
  PerplexitySum sum;
  LEDGE_CHECK_OK(WalkWindows(
      models, tokens, options, plan,
      [&](const ScoredPlace& place) {
        sum.Add(NegativeLogLikelihood(place.rows[0], place.token));
        if (progress && sum.count() % plan.scored == 0)
          progress(plan.windows, sum.Report(place.window + 1));
      },
      stop));
  return sum.Report(plan.windows);
}

Result<std::vector<Token>> TokensToEvaluate(const Tokenizer& tokenizer, std::string_view text,
                                            WindowOptions& options) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  options.bos = tokenizer.adds_bos() ? tokenizer.bos() : kNoToken;
  return tokenizer.Encode(text, {.add_special = true, .parse_special = false});
}

Result<PerplexityReport> EvaluateText(Executor& executor, const Tokenizer& tokenizer,
                                      std::string_view text, WindowOptions options,
                                      const PerplexityProgress& progress, const StopFlag& stop) {
  LEDGE_TRY(const std::vector<Token> tokens, TokensToEvaluate(tokenizer, text, options));
  return Perplexity(executor, tokens, options, progress, stop);
}

}  // namespace ledge
