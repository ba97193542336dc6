// Qwen3, dense: norms on each head of query and key.
#include "hf/decoder.h"
#include "hf/family.h"

namespace ledge {
namespace hf_qwen3 {

constexpr std::string_view kModels[] = {"Qwen3ForCausalLM"};

Result<void> ConvertQwen3(Conversion& conversion) {
  LEDGE_CHECK_OK(RequireBool(conversion.config(), "use_sliding_window", false, false));
  return ConvertDecoder(conversion, {.norms = kHfNormsBefore,
                                     .attention = kHfAttentionWithNorms,
                                     .feed_forward = kHfFeedForward});
}

}  // namespace hf_qwen3

extern const HfFamily kFamily_qwen3;
const HfFamily kFamily_qwen3 = {"qwen3", hf_qwen3::kModels, &hf_qwen3::ConvertQwen3};

}  // namespace ledge
