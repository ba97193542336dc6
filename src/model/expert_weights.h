// Reads what a GGUF file says about mixtures of experts.
#pragma once

#include <string>

#include "model/decoder_builder.h"

namespace ledge {

// expert_count, expert_used_count, expert_feed_forward_length (`feed_forward` where it is missing),
// expert_weights_scale; no tensors yet. kUnsupported for experts where the plan has none.
Result<ExpertsSpec> ReadExperts(const Hyperparameters& numbers, const DecoderPlan& plan,
                                uint32_t feed_forward);

// ffn_gate_inp, ffn_gate_exps, ffn_up_exps, ffn_down_exps, their biases, exp_probs_b.
Result<void> TakeExperts(TensorFinder& weights, const std::string& block, uint32_t width,
                         ExpertsSpec& experts);

}  // namespace ledge
