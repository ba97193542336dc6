// What most families' conversions have in common: the fields and tensor names that transformers
// gives to a stack of attention and feed-forward blocks. A family's file names its choices.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "hf/conversion.h"

namespace ledge {

// A tensor of a layer: "model.layers.<i>.<from>.weight" (and .bias, if it is there or needed)
// becomes "blk.<i>.<to>.weight".
struct HfLayerName {
  std::string_view from;
  std::string_view to;
  bool biased = false;  // in all models of the family
};

// The mixture of experts of a layer, where there is one: the layer has "<router>.weight".
struct HfExperts {
  std::string_view router;  // "mlp.gate"
  // "mlp.experts."; behind it the number, then the names below. Empty: the family takes them.
  std::string_view each;
  std::string_view gate, up, down;
  // A tensor of every layer with experts, where the family takes them.
  std::string_view sign = {};
};

struct HfDecoder {
  std::span<const HfLayerName> norms;
  std::span<const HfLayerName> attention;
  std::span<const HfLayerName> feed_forward;
  HfExperts experts{};
  std::span<const HfLayerName> shared{};  // beside a layer's experts
  std::string_view activation = "silu";
  std::string_view activation_field = "hidden_act";
  std::string_view feed_forward_field = "intermediate_size";
  std::string_view prefix = "model.";
  std::string_view final_norm = "norm";
  bool paired = false;  // the architecture turns neighbours: q_proj's and k_proj's rows are put so
  float norm_plus = 0;  // what the model adds to its norms' weights
  bool layer_norm = false;    // layer_norm_eps in place of rms_norm_eps
  bool window = false;        // sliding_window holds for all layers
  bool output_biased = true;  // where attention_bias says that query, key and value are
  double rotated = 1;         // of partial_rotary_factor, where it is missing
  // Layers with something else in the place of attention, which the family takes; empty: none.
  std::vector<bool> mixers = {};
};

struct HfShape {
  uint64_t layers = 0;
  uint64_t width = 0;
  uint64_t heads = 0;
  uint64_t head = 0;  // values of one
};

inline constexpr HfLayerName kHfAttention[] = {
    {"self_attn.q_proj", "attn_q"},
    {"self_attn.k_proj", "attn_k"},
    {"self_attn.v_proj", "attn_v"},
    {"self_attn.o_proj", "attn_output"},
};
// With biases, but behind.
inline constexpr HfLayerName kHfAttentionBiased[] = {
    {"self_attn.q_proj", "attn_q", true},
    {"self_attn.k_proj", "attn_k", true},
    {"self_attn.v_proj", "attn_v", true},
    {"self_attn.o_proj", "attn_output"},
};
inline constexpr HfLayerName kHfAttentionWithNorms[] = {
    {"self_attn.q_proj", "attn_q"},      {"self_attn.k_proj", "attn_k"},
    {"self_attn.v_proj", "attn_v"},      {"self_attn.o_proj", "attn_output"},
    {"self_attn.q_norm", "attn_q_norm"}, {"self_attn.k_norm", "attn_k_norm"},
};
inline constexpr HfLayerName kHfFeedForward[] = {
    {"mlp.gate_proj", "ffn_gate"},
    {"mlp.up_proj", "ffn_up"},
    {"mlp.down_proj", "ffn_down"},
};
// The same three matrices an expert.
inline constexpr HfExperts kHfExperts = {.router = "mlp.gate",
                                         .each = "mlp.experts.",
                                         .gate = "gate_proj",
                                         .up = "up_proj",
                                         .down = "down_proj"};
// Both blocks' inputs normalised.
inline constexpr HfLayerName kHfNormsBefore[] = {
    {"input_layernorm", "attn_norm"},
    {"post_attention_layernorm", "ffn_norm"},
};
// Inputs and outputs.
inline constexpr HfLayerName kHfNormsAround[] = {
    {"input_layernorm", "attn_norm"},
    {"post_attention_layernorm", "post_attention_norm"},
    {"pre_feedforward_layernorm", "ffn_norm"},
    {"post_feedforward_layernorm", "post_ffw_norm"},
};
inline constexpr HfLayerName kHfNormsAfter[] = {
    {"post_attention_layernorm", "post_attention_norm"},
    {"post_feedforward_layernorm", "post_ffw_norm"},
};

Result<HfShape> ReadHfShape(const HfConfig& config);

// "lm_head", unless the configuration ties it to the embedding, or says nothing and there is none.
Result<void> TakeOutput(Conversion& conversion);

// Keys and tensors of the whole decoder.
Result<void> ConvertDecoder(Conversion& conversion, const HfDecoder& decoder);

// kUnsupported unless the field is missing or `value`.
Result<void> RequireText(const HfConfig& config, std::string_view field, std::string_view value);
Result<void> RequireBool(const HfConfig& config, std::string_view field, bool value, bool fallback);
// layer_types as a list of which layers slide; nothing if there is no such list.
Result<std::optional<std::vector<bool>>> SlidingLayers(const HfConfig& config, uint64_t layers);

}  // namespace ledge
