// Phi-1.5 and Phi-2: attention and a plain feed-forward side by side on one layer norm, a part of
// each head turned, biases everywhere, also on the logits.
#include "hf/decoder.h"
#include "hf/family.h"

namespace ledge {
namespace hf_phi2 {

constexpr std::string_view kModels[] = {"PhiForCausalLM"};

constexpr HfLayerName kNorms[] = {{"input_layernorm", "attn_norm"}};
constexpr HfLayerName kAttention[] = {
    {"self_attn.q_proj", "attn_q", true},
    {"self_attn.k_proj", "attn_k", true},
    {"self_attn.v_proj", "attn_v", true},
    {"self_attn.dense", "attn_output", true},
};
constexpr HfLayerName kFeedForward[] = {
    {"mlp.fc1", "ffn_up", true},
    {"mlp.fc2", "ffn_down", true},
};

Result<void> ConvertPhi2(Conversion& conversion) {
  LEDGE_CHECK_OK(RequireBool(conversion.config(), "qk_layernorm", false, false));
  return ConvertDecoder(conversion, {.norms = kNorms,
                                     .attention = kAttention,
                                     .feed_forward = kFeedForward,
                                     .activation = "gelu_new",
                                     .final_norm = "final_layernorm",
                                     .layer_norm = true,
                                     .rotated = 0.5});
}

}  // namespace hf_phi2

extern const HfFamily kFamily_phi2;
const HfFamily kFamily_phi2 = {"phi2", hf_phi2::kModels, &hf_phi2::ConvertPhi2};

}  // namespace ledge
