// StableLM 2: as llama with layer norms and a part of each head turned. What only its 12B has,
// norms of heads and blocks side by side, is refused.
#include "hf/decoder.h"
#include "hf/family.h"

namespace ledge {
namespace hf_stablelm {

constexpr std::string_view kModels[] = {"StableLmForCausalLM"};

Result<void> ConvertStablelm(Conversion& conversion) {
  const HfConfig& config = conversion.config();
  LEDGE_CHECK_OK(RequireBool(config, "qk_layernorm", false, false));
  LEDGE_CHECK_OK(RequireBool(config, "use_parallel_residual", false, false));
  conversion.PutBool("use_parallel_residual", false);
  return ConvertDecoder(conversion, {.norms = kHfNormsBefore,
                                     .attention = kHfAttention,
                                     .feed_forward = kHfFeedForward,
                                     .layer_norm = true,
                                     .rotated = 0.25});
}

}  // namespace hf_stablelm

extern const HfFamily kFamily_stablelm;
const HfFamily kFamily_stablelm = {"stablelm", hf_stablelm::kModels, &hf_stablelm::ConvertStablelm};

}  // namespace ledge
