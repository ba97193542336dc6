// GLM-4-0414: norms around every block, gate and up in one matrix, half of each head turned,
// neighbours together as they are.
#include "hf/decoder.h"
#include "hf/family.h"

namespace ledge {
namespace hf_glm4 {

constexpr std::string_view kModels[] = {"Glm4ForCausalLM"};

constexpr HfLayerName kNorms[] = {
    {"input_layernorm", "attn_norm"},
    {"post_self_attn_layernorm", "post_attention_norm"},
    {"post_attention_layernorm", "ffn_norm"},
    {"post_mlp_layernorm", "post_ffw_norm"},
};
constexpr HfLayerName kFeedForward[] = {
    {"mlp.gate_up_proj", "ffn_up"},
    {"mlp.down_proj", "ffn_down"},
};

Result<void> ConvertGlm4(Conversion& conversion) {
  return ConvertDecoder(conversion, {.norms = kNorms,
                                     .attention = kHfAttention,
                                     .feed_forward = kFeedForward,
                                     .output_biased = false,
                                     .rotated = 0.5});
}

}  // namespace hf_glm4

extern const HfFamily kFamily_glm4;
const HfFamily kFamily_glm4 = {"glm4", hf_glm4::kModels, &hf_glm4::ConvertGlm4};

}  // namespace ledge
