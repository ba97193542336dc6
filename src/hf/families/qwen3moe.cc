// Qwen3's mixtures of experts. Layers that the configuration leaves dense are so in the file.
#include "hf/decoder.h"
#include "hf/family.h"

namespace ledge {
namespace hf_qwen3moe {

constexpr std::string_view kModels[] = {"Qwen3MoeForCausalLM"};

Result<void> ConvertQwen3moe(Conversion& conversion) {
  LEDGE_CHECK_OK(RequireBool(conversion.config(), "use_sliding_window", false, false));
  LEDGE_CHECK_OK(RequireBool(conversion.config(), "norm_topk_prob", true, false));
  return ConvertDecoder(conversion, {.norms = kHfNormsBefore,
                                     .attention = kHfAttentionWithNorms,
                                     .feed_forward = kHfFeedForward,
                                     .experts = kHfExperts});
}

}  // namespace hf_qwen3moe

extern const HfFamily kFamily_qwen3moe;
const HfFamily kFamily_qwen3moe = {"qwen3moe", hf_qwen3moe::kModels, &hf_qwen3moe::ConvertQwen3moe};

}  // namespace ledge
