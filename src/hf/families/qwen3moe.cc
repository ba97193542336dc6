// Qwen3's mixtures of experts. Layers that the configuration leaves dense are so in the file.
#include "hf/decoder.h"
#include "hf/family.h"

namespace ledge {
namespace {

constexpr std::string_view kModels[] = {"Qwen3MoeForCausalLM"};

Result<void> ConvertQwen3moe(Conversion& conversion) {
  LEDGE_CHECK_OK(RequireBool(conversion.config(), "use_sliding_window", false, false));
  LEDGE_CHECK_OK(RequireBool(conversion.config(), "norm_topk_prob", true, false));
  return ConvertDecoder(conversion, {.norms = kHfNormsBefore,
                                     .attention = kHfAttentionWithNorms,
                                     .feed_forward = kHfFeedForward,
                                     .experts = kHfExperts});
}

}  // namespace

extern const HfFamily kFamily_qwen3moe;
const HfFamily kFamily_qwen3moe = {"qwen3moe", kModels, &ConvertQwen3moe};

}  // namespace ledge
