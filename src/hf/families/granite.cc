// Granite 3 and later, dense: as llama, with multipliers.
#include "hf/decoder.h"
#include "hf/family.h"

namespace ledge {
namespace {

constexpr std::string_view kModels[] = {"GraniteForCausalLM"};

Result<void> ConvertGranite(Conversion& conversion) {
  LEDGE_CHECK_OK(ConvertDecoder(conversion, {.norms = kHfNormsBefore,
                                             .attention = kHfAttention,
                                             .feed_forward = kHfFeedForward,
                                             .paired = true}));
  LEDGE_CHECK_OK(conversion.CopyNumberIfThere("attention_multiplier", "attention.scale"));
  LEDGE_CHECK_OK(conversion.CopyNumberIfThere("embedding_multiplier", "embedding_scale"));
  LEDGE_CHECK_OK(conversion.CopyNumberIfThere("residual_multiplier", "residual_scale"));
  return conversion.CopyNumberIfThere("logits_scaling", "logit_scale");
}

}  // namespace

extern const HfFamily kFamily_granite;
const HfFamily kFamily_granite = {"granite", kModels, &ConvertGranite};

}  // namespace ledge
