#include "optimize/compare.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/logits.h"

namespace ledge {
namespace {

// ln(sum of exp(logit - max)) + max.
double LogSumExp(std::span<const float> logits) {
  const float max = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const float logit : logits) sum += std::exp(static_cast<double>(logit - max));
  return std::log(sum) + static_cast<double>(max);
}

class Divergences {
 public:
  void Add(double divergence, bool same_top) {
    values_.push_back(divergence);
    if (same_top) ++same_;
  }
  void Fill(ComparisonReport& report) const {
    std::vector<double> sorted = values_;
    std::sort(sorted.begin(), sorted.end());
    const double count = static_cast<double>(sorted.size());
    double sum = 0, squares = 0;
    for (const double value : sorted) {
      sum += value;
      squares += value * value;
    }
    report.kl_mean = sum / count;
    const double variance = squares / count - report.kl_mean * report.kl_mean;
    report.kl_stderr = variance > 0 && count > 1 ? std::sqrt(variance / (count - 1)) : 0;
    report.kl_median = sorted[sorted.size() / 2];
    report.kl_p99 = sorted[std::min(sorted.size() - 1, sorted.size() * 99 / 100)];
    report.kl_max = sorted.back();
    report.top1_agreement = static_cast<double>(same_) / count;
  }

 private:
  std::vector<double> values_;
  uint64_t same_ = 0;
};

}  // namespace

double KlDivergence(std::span<const float> p_logits, std::span<const float> q_logits) {
  const double p_norm = LogSumExp(p_logits);
  const double q_norm = LogSumExp(q_logits);
  double sum = 0;
  for (size_t i = 0; i < p_logits.size(); ++i) {
    const double log_p = static_cast<double>(p_logits[i]) - p_norm;
    const double p = std::exp(log_p);
    if (p > 0) sum += p * (log_p - (static_cast<double>(q_logits[i]) - q_norm));
  }
  return sum < 0 ? 0 : sum;  // rounding alone takes it below
}

Result<ComparisonReport> Compare(Executor& model, Executor& baseline, std::span<const Token> tokens,
                                 const WindowOptions& options, const ComparisonProgress& progress,
                                 const StopFlag& stop) {
  if (model.info().vocabulary != baseline.info().vocabulary) {
    return MakeError(Code::kUsage,
                     "the vocabularies have {} and {} tokens; models that are compared must have "
                     "the same",
                     model.info().vocabulary, baseline.info().vocabulary);
  }
  Executor* const models[] = {&model, &baseline};
  LEDGE_TRY(const WindowPlan plan, PlanWindows(models, tokens.size(), options));
  PerplexitySum sums[2];
  Divergences divergences;
  const auto report = [&](uint32_t windows) {
    ComparisonReport so_far{.model = sums[0].Report(windows), .baseline = sums[1].Report(windows)};
    divergences.Fill(so_far);
    return so_far;
  };
  LEDGE_CHECK_OK(WalkWindows(
      models, tokens, options, plan,
      [&](const ScoredPlace& place) {
        for (size_t i = 0; i < 2; ++i)
          sums[i].Add(NegativeLogLikelihood(place.rows[i], place.token));
        divergences.Add(KlDivergence(place.rows[1], place.rows[0]),
                        Greedy(place.rows[0]) == Greedy(place.rows[1]));
        if (progress && sums[0].count() % plan.scored == 0)
          progress(plan.windows, report(place.window + 1));
      },
      stop));
  return report(plan.windows);
}

}  // namespace ledge
