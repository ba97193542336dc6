// Granite's mixtures of experts: all experts' matrices in one, gate and up behind one another; an
// expert that all tokens share in some.
#include "hf/decoder.h"
#include "hf/family.h"
#include "hf/granite.h"

namespace ledge {
namespace hf_granitemoe {

constexpr std::string_view kModels[] = {"GraniteMoeForCausalLM", "GraniteMoeSharedForCausalLM"};

constexpr HfExperts kExperts = {.router = "block_sparse_moe.router.layer"};

Result<void> TakeLayer(Conversion& c, const std::string& from, const std::string& to) {
  const std::string experts = from + "block_sparse_moe.";
  const std::string both = experts + "input_linear.weight";
  LEDGE_CHECK_OK(c.TakeSlice(both, to + "ffn_gate_exps.weight", {.part = 0, .parts = 2}));
  LEDGE_CHECK_OK(c.TakeSlice(both, to + "ffn_up_exps.weight", {.part = 1, .parts = 2}));
  LEDGE_CHECK_OK(c.Take(experts + "output_linear.weight", to + "ffn_down_exps.weight"));
  const std::string shared = from + "shared_mlp.";
  if (!c.has(shared + "input_linear.weight")) return {};
  return TakeGraniteFeedForward(c, shared, to, "_shexp");
}

Result<void> ConvertGranitemoe(Conversion& conversion) {
  const HfConfig& config = conversion.config();
  LEDGE_TRY(const HfShape shape, ReadHfShape(config));
  LEDGE_CHECK_OK(ConvertDecoder(
      conversion,
      {.norms = kHfNormsBefore, .attention = kHfAttention, .experts = kExperts, .paired = true}));
  for (uint64_t i = 0; i < shape.layers; ++i) {
    LEDGE_CHECK_OK(
        TakeLayer(conversion, fmt::format("model.layers.{}.", i), fmt::format("blk.{}.", i)));
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
