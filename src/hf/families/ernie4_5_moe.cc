// ERNIE 4.5's mixtures of experts: the first layers dense, a bias for the choice of experts, some
// shared by all tokens in one. What predicts further tokens is left aside.
#include "hf/decoder.h"
#include "hf/family.h"

namespace ledge {
namespace hf_ernie4_5_moe {

constexpr std::string_view kModels[] = {"Ernie4_5_MoeForCausalLM"};

constexpr HfLayerName kShared[] = {
    {"mlp.shared_experts.gate_proj", "ffn_gate_shexp"},
    {"mlp.shared_experts.up_proj", "ffn_up_shexp"},
    {"mlp.shared_experts.down_proj", "ffn_down_shexp"},
};

Result<void> PutExperts(Conversion& c) {
  LEDGE_CHECK_OK(c.CopyCount("moe_layer_start_index", "leading_dense_block_count"));
  constexpr std::string_view kInterval = "moe_layer_interval";
  LEDGE_TRY(const uint64_t interval, c.config().Count(kInterval, 1));
  c.PutCount("interleave_moe_layer_step", interval);
  LEDGE_TRY(const uint64_t shared, c.config().Count("moe_num_shared_experts", 0));
  LEDGE_TRY(const uint64_t length, c.config().Count("moe_intermediate_size"));
  c.PutCount("expert_shared_count", shared);
  c.PutCount("expert_shared_feed_forward_length", shared * length);
  return {};
}

Result<void> ConvertErnie45Moe(Conversion& conversion) {
  const HfConfig& config = conversion.config();
  LEDGE_TRY(const HfShape shape, ReadHfShape(config));
  LEDGE_TRY(const uint64_t shared, config.Count("moe_num_shared_experts", 0));
  std::span<const HfLayerName> names = kShared;
  if (shared == 0) names = {};
  LEDGE_CHECK_OK(ConvertDecoder(conversion, {.norms = kHfNormsBefore,
                                             .attention = kHfAttention,
                                             .feed_forward = kHfFeedForward,
                                             .experts = kHfExperts,
                                             .shared = names}));
  for (uint64_t i = 0; i < shape.layers; ++i) {
    const std::string bias =
        fmt::format("model.layers.{}.mlp.moe_statics.e_score_correction_bias", i);
    if (!conversion.has(bias)) continue;
    LEDGE_CHECK_OK(conversion.TakeVector(bias, fmt::format("blk.{}.exp_probs_b.bias", i)));
  }
  conversion.IgnorePrefix("model.mtp_");
  return PutExperts(conversion);
}

}  // namespace hf_ernie4_5_moe

extern const HfFamily kFamily_ernie4_5_moe;
const HfFamily kFamily_ernie4_5_moe = {"ernie4_5-moe", hf_ernie4_5_moe::kModels,
                                       &hf_ernie4_5_moe::ConvertErnie45Moe};

}  // namespace ledge
