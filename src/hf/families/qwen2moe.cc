// Qwen1.5-MoE and Qwen2-57B-A14B: experts beside one that all tokens share. Layers that the
// configuration leaves dense are so in the file.
#include "hf/decoder.h"
#include "hf/family.h"

namespace ledge {
namespace hf_qwen2moe {

constexpr std::string_view kModels[] = {"Qwen2MoeForCausalLM"};

constexpr HfLayerName kShared[] = {
    {"mlp.shared_expert.gate_proj", "ffn_gate_shexp"},
    {"mlp.shared_expert.up_proj", "ffn_up_shexp"},
    {"mlp.shared_expert.down_proj", "ffn_down_shexp"},
};

Result<void> ConvertQwen2moe(Conversion& conversion) {
  const HfConfig& config = conversion.config();
  LEDGE_CHECK_OK(RequireBool(config, "use_sliding_window", false, false));
  LEDGE_CHECK_OK(RequireBool(config, "norm_topk_prob", false, false));
  LEDGE_TRY(const HfShape shape, ReadHfShape(config));
  LEDGE_CHECK_OK(ConvertDecoder(conversion, {.norms = kHfNormsBefore,
                                             .attention = kHfAttentionBiased,
                                             .feed_forward = kHfFeedForward,
                                             .experts = kHfExperts,
                                             .shared = kShared}));
  for (uint64_t i = 0; i < shape.layers; ++i) {
    const std::string mlp = fmt::format("model.layers.{}.mlp.", i);
    const std::string gate = mlp + "shared_expert_gate.weight";
    if (!conversion.has(gate) && !conversion.has(mlp + "shared_expert.up_proj.weight")) continue;
    LEDGE_CHECK_OK(conversion.TakeVector(gate, fmt::format("blk.{}.ffn_gate_inp_shexp.weight", i)));
  }
  return conversion.CopyCount("shared_expert_intermediate_size",
                              "expert_shared_feed_forward_length");
}

}  // namespace hf_qwen2moe

extern const HfFamily kFamily_qwen2moe;
const HfFamily kFamily_qwen2moe = {"qwen2moe", hf_qwen2moe::kModels, &hf_qwen2moe::ConvertQwen2moe};

}  // namespace ledge
