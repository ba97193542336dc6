#include "model/expert_weights.h"

namespace ledge {
namespace {

// GGUF's numbers; 0 leaves it to the architecture.
uint32_t NumberOf(ExpertGating gating) {
  switch (gating) {
    case ExpertGating::kSoftmax:
      return 1;
    case ExpertGating::kSigmoid:
      return 2;
    case ExpertGating::kSoftmaxOfChosen:
      return 3;
  }
  return 0;
}

// Where a file says how experts are weighted, it has to be as the architecture does it.
Result<void> CheckWeighting(const Hyperparameters& numbers, const DecoderPlan& plan) {
  constexpr std::string_view kGating = "expert_gating_func";
  const uint32_t usual = NumberOf(plan.gating);
  LEDGE_TRY(const uint32_t gating, numbers.Count(kGating, {0, UINT32_MAX}, usual));
  if (gating != 0 && gating != usual)
    return numbers.OnlySupported(kGating, fmt::format("{}", gating), fmt::format("{}", usual));
  constexpr std::string_view kNorm = "expert_weights_norm";
  LEDGE_TRY(const bool norm, numbers.header().Bool(numbers.Key(kNorm), plan.renormalise));
  if (norm == plan.renormalise) return {};
  return numbers.OnlySupported(kNorm, fmt::format("{}", norm), fmt::format("{}", plan.renormalise));
}

}  // namespace

Result<ExpertsSpec> ReadExperts(const Hyperparameters& numbers, const DecoderPlan& plan,
                                uint32_t feed_forward) {
  ExpertsSpec experts;
  if (!plan.experts) {
    LEDGE_TRY(const uint32_t count, numbers.Count("expert_count", {0, UINT32_MAX}, 0));
    if (count == 0) return experts;
    return numbers.Unsupported(
        "expert_count",
        fmt::format("is {}: mixtures of experts are not supported for this architecture; it should "
                    "be 0",
                    count));
  }
  LEDGE_TRY(experts.count, numbers.Count("expert_count", {0, kMaxExperts}, 0));
  if (experts.count == 0) return experts;
  const uint32_t most = std::min(experts.count, kMaxUsedExperts);
  LEDGE_TRY(experts.used, numbers.Count("expert_used_count", {1, most}));
  LEDGE_TRY(experts.feed_forward,
            numbers.Count("expert_feed_forward_length", {1, kMaxWidth}, feed_forward));
  // 0, which some files hold, means that nothing is scaled.
  LEDGE_TRY(experts.scale, ReadMultiplier(numbers, "expert_weights_scale"));
  LEDGE_CHECK_OK(CheckWeighting(numbers, plan));
  experts.gating = plan.gating;
  experts.renormalise = plan.renormalise;
  return experts;
}

Result<void> TakeExperts(TensorFinder& weights, const std::string& block, uint32_t width,
                         ExpertsSpec& experts) {
  const uint32_t count = experts.count;
  const uint32_t length = experts.feed_forward;
  LEDGE_TRY(experts.router, weights.Matrix(block + "ffn_gate_inp.weight", count, width));
  LEDGE_TRY(experts.router_bias, weights.OptionalVector(block + "ffn_gate_inp.bias", count));
  LEDGE_TRY(experts.choice_bias, weights.OptionalVector(block + "exp_probs_b.bias", count));
  LEDGE_TRY(experts.gate, weights.Stack(block + "ffn_gate_exps.weight", count, length, width));
  LEDGE_TRY(experts.up, weights.Stack(block + "ffn_up_exps.weight", count, length, width));
  LEDGE_TRY(experts.down, weights.Stack(block + "ffn_down_exps.weight", count, width, length));
  LEDGE_TRY(experts.gate_bias, weights.OptionalRows(block + "ffn_gate_exps.bias", count, length));
  LEDGE_TRY(experts.up_bias, weights.OptionalRows(block + "ffn_up_exps.bias", count, length));
  LEDGE_TRY(experts.down_bias, weights.OptionalRows(block + "ffn_down_exps.bias", count, width));
  return {};
}

}  // namespace ledge
