// What architectures have in common: a stack of attention and feed-forward blocks, described by a
// few choices. An architecture's file names its choices, calls BuildDecoder, and changes what is
// left in the description, which is plain data.
#pragma once

#include <string>
#include <string_view>

#include "model/hyperparameters.h"
#include "model/model_spec.h"
#include "model/weights.h"

namespace ledge {

enum class NormPlacement : uint8_t {
  kBefore,     // of a block's input: attn_norm, ffn_norm
  kAfter,      // of its output, before it is added: post_attention_norm, post_ffw_norm
  kAround,     // both
  kOfTheSum,   // of the stream after the addition: attn_output_norm, layer_output_norm
  kBeforeBoth  // of the input, once for attention and feed-forward side by side: attn_norm
};

// How a file names its norm before the feed-forward.
inline constexpr std::string_view kFeedForwardNorm = "ffn_norm";

struct DecoderPlan {
  NormKind norm = NormKind::kRms;
  NormPlacement placement = NormPlacement::kBefore;
  std::string_view feed_forward_norm = kFeedForwardNorm;
  HeadNorms head_norms = HeadNorms::kNone;  // attn_q_norm, attn_k_norm
  bool rope = true;
  bool rope_paired = false;
  bool window = false;  // attention.sliding_window holds for all layers
  Nonlinearity activation = Nonlinearity::kSilu;
  bool gated = true;
  // Biases that all models have, of query, key and value or of all matrices: such a file without
  // one has lost it.
  bool query_biased = false;
  bool biased = false;
  // Mixtures of experts are read where expert_count is not 0 if this is set, else refused.
  bool experts = false;
  ExpertGating gating = ExpertGating::kSoftmax;
  bool renormalise = true;
  bool shared_gate = false;  // ffn_gate_inp_shexp
  bool encoder = false;
  // Layers whose attention.head_count_kv is 0 have a state space mixer (model/ssm_weights.h).
  bool hybrid = false;
};

// Reads and checks the metadata, takes the tensors under their GGUF names. Biases that the
// plan doesn't promise are taken where there are any; attn_qkv may stand for attn_q, attn_k and
// attn_v, and an ffn_up of twice the rows for ffn_gate and ffn_up.
Result<ModelSpec> BuildDecoder(const Hyperparameters& numbers, TensorFinder& weights,
                               const DecoderPlan& plan);

enum class NormBias : uint8_t { kNeeded, kIfThere };
// "<name>.weight", and "<name>.bias" of a layer norm.
Result<Norm> TakeNorm(TensorFinder& weights, NormKind kind, const std::string& name, uint32_t size,
                      NormBias bias = NormBias::kNeeded);

// Layers that see a window only, by attention.sliding_window (`fallback` where it is missing; 0:
// none) and the pattern: all but each `period`th, unless attention.sliding_window_pattern says
// another period or lists the layers. Returns which.
Result<std::vector<bool>> ReadSlidingLayers(const Hyperparameters& numbers, uint32_t fallback,
                                            uint32_t period, ModelSpec& spec);

// Optional multipliers: 1 where the key is missing or 0.
Result<float> ReadMultiplier(const Hyperparameters& numbers, std::string_view name);

}  // namespace ledge
