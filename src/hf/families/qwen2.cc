// Qwen2 and Qwen2.5, dense, without their sliding window, which none of them uses.
#include "hf/decoder.h"
#include "hf/family.h"

namespace ledge {
namespace hf_qwen2 {

constexpr std::string_view kModels[] = {"Qwen2ForCausalLM"};

Result<void> ConvertQwen2(Conversion& conversion) {
  LEDGE_CHECK_OK(RequireBool(conversion.config(), "use_sliding_window", false, false));
  return ConvertDecoder(
      conversion,
      {.norms = kHfNormsBefore, .attention = kHfAttentionBiased, .feed_forward = kHfFeedForward});
}

}  // namespace hf_qwen2

extern const HfFamily kFamily_qwen2;
const HfFamily kFamily_qwen2 = {"qwen2", hf_qwen2::kModels, &hf_qwen2::ConvertQwen2};

}  // namespace ledge
