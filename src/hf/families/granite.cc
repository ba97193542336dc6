// Granite 3 and later, dense: as llama, with multipliers. Granite 4's small ones are of the class
// of its hybrids, with attention in every layer and what would be the shared expert alone.
#include "hf/granite.h"
#include "hf/decoder.h"
#include "hf/family.h"

namespace ledge {
namespace hf_granite {

constexpr std::string_view kModels[] = {"GraniteForCausalLM", kGraniteHybridModel};

Result<bool> IsOfHybrids(const HfConfig& config) {
  LEDGE_TRY(const std::vector<std::string> models, config.Texts("architectures"));
  return models[0] == kGraniteHybridModel;
}

Result<bool> IsDense(const HfConfig& config) {
  LEDGE_TRY(const bool of_hybrids, IsOfHybrids(config));
  if (!of_hybrids) return true;
  LEDGE_TRY(const bool hybrid, IsGraniteHybrid(config));
  return !hybrid;
}

// One of the hybrids' class says of every layer that it has attention, which turns.
Result<void> CheckLayers(const HfConfig& config, uint64_t layers) {
  constexpr std::string_view kTypes = "layer_types";
  LEDGE_TRY(const std::vector<std::string> types, config.Texts(kTypes));
  if (types.size() != layers) {
    return config.Malformed(kTypes, fmt::format("has {} entries; it should have one a layer, {}",
                                                types.size(), layers));
  }
  return RequireText(config, "position_embedding_type", "rope");
}

Result<void> ConvertGranite(Conversion& conversion) {
  const HfConfig& config = conversion.config();
  LEDGE_TRY(const HfShape shape, ReadHfShape(config));
  LEDGE_TRY(const bool of_hybrids, IsOfHybrids(config));
  if (of_hybrids) LEDGE_CHECK_OK(CheckLayers(config, shape.layers));
  HfDecoder decoder = {.norms = kHfNormsBefore,
                       .attention = kHfAttention,
                       .feed_forward = kHfFeedForward,
                       .paired = true};
  if (of_hybrids) {
    decoder.feed_forward = {};
    decoder.feed_forward_field = "shared_intermediate_size";
  }
  LEDGE_CHECK_OK(ConvertDecoder(conversion, decoder));
  for (uint64_t i = 0; of_hybrids && i < shape.layers; ++i) {
    LEDGE_CHECK_OK(TakeGraniteFeedForward(conversion, fmt::format("model.layers.{}.shared_mlp.", i),
                                          fmt::format("blk.{}.", i), ""));
  }
  return CopyGraniteMultipliers(conversion);
}

}  // namespace hf_granite

extern const HfFamily kFamily_granite;
const HfFamily kFamily_granite = {"granite", hf_granite::kModels, &hf_granite::ConvertGranite,
                                  &hf_granite::IsDense};

}  // namespace ledge
