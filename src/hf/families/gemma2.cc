// Gemma 2: norms around every block, soft caps, every other layer sliding.
#include "hf/family.h"
#include "hf/gemma.h"

namespace ledge {
namespace hf_gemma2 {

constexpr std::string_view kModels[] = {"Gemma2ForCausalLM"};

Result<void> ConvertGemma2(Conversion& conversion) {
  LEDGE_CHECK_OK(
      ConvertGemmaDecoder(conversion, {.attention = kHfAttention, .divided_layers = 46}));
  for (const std::string_view name : {"attn_logit_softcapping", "final_logit_softcapping"}) {
    LEDGE_CHECK_OK(conversion.CopyNumber(name, name));
  }
  return {};
}

}  // namespace hf_gemma2

extern const HfFamily kFamily_gemma2;
const HfFamily kFamily_gemma2 = {"gemma2", hf_gemma2::kModels, &hf_gemma2::ConvertGemma2};

}  // namespace ledge
