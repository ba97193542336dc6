// How far a model is from another one that it was made from: quantised from full precision, pruned
// from whole. At every scored place of a text (optimize/windows.h) the Kullback-Leibler divergence
// of the model's next-token distribution Q from the baseline's P, sum over tokens of P ln(P / Q),
// in nats; and whether both hold the same token for the likeliest.
//
// Unlike perplexity this sees every change, also one that by chance predicts the text better.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "optimize/evaluate.h"

namespace ledge {

struct ComparisonReport {
  PerplexityReport model;
  PerplexityReport baseline;
  // Of the divergences at all scored places.
  double kl_mean = 0;
  double kl_stderr = 0;
  double kl_median = 0;
  double kl_p99 = 0;
  double kl_max = 0;
  double top1_agreement = 0;  // share of the places, 0..1
};

// KL(P || Q) in nats, sums in double; never below 0. Both rows have the same size.
double KlDivergence(std::span<const float> p_logits, std::span<const float> q_logits);

// After each window: how many there are, and the report so far.
using ComparisonProgress =
    std::function<void(uint32_t total_chunks, const ComparisonReport& so_far)>;

// kUsage if the two have vocabularies of different sizes; and the errors of PlanWindows and
// WalkWindows.
Result<ComparisonReport> Compare(Executor& model, Executor& baseline, std::span<const Token> tokens,
                                 const WindowOptions& options, const ComparisonProgress& progress,
                                 const StopFlag& stop);

}  // namespace ledge
