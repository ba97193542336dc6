// Granite's mixtures of experts: all experts' matrices in one, gate and up behind one another; an
// expert that all tokens share in some.
#include "hf/decoder.h"
#include "hf/family.h"
#include "hf/granite.h"

namespace ledge {
namespace hf_granitemoe {

constexpr std::string_view kModels[] = {"GraniteMoeForCausalLM", "GraniteMoeSharedForCausalLM"};

constexpr HfExperts kExperts = {.router = "block_sparse_moe.router.layer",
                                .sign = "block_sparse_moe.input_linear.weight"};

Result<void> ConvertGranitemoe(Conversion& conversion) {
  const HfConfig& config = conversion.config();
  LEDGE_TRY(const HfShape shape, ReadHfShape(config));
  LEDGE_CHECK_OK(ConvertDecoder(
      conversion,
      {.norms = kHfNormsBefore, .attention = kHfAttention, .experts = kExperts, .paired = true}));
  for (uint64_t i = 0; i < shape.layers; ++i) {
    LEDGE_CHECK_OK(TakeGraniteExperts(conversion, fmt::format("model.layers.{}.", i),
                                      fmt::format("blk.{}.", i)));
  }
  constexpr std::string_view kShared = "shared_intermediate_size";
  if (config.has(kShared)) {
    LEDGE_CHECK_OK(conversion.CopyCount(kShared, "expert_shared_feed_forward_length"));
  }
  return CopyGraniteMultipliers(conversion);
}

}  // namespace hf_granitemoe

extern const HfFamily kFamily_granitemoe;
const HfFamily kFamily_granitemoe = {"granitemoe", hf_granitemoe::kModels,
                                     &hf_granitemoe::ConvertGranitemoe};

}  // namespace ledge
