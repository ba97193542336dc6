// Granite 3 and later, dense: as llama, with multipliers. Granite 4's small ones are of the class
// of its hybrids, with attention in every layer and what would be the shared expert alone.
#include "hf/granite.h"
#include "hf/decoder.h"
#include "hf/family.h"

namespace ledge {
namespace hf_granite {

constexpr std::string_view kHybrid = "GraniteMoeHybridForCausalLM";
constexpr std::string_view kModels[] = {"GraniteForCausalLM", kHybrid};

// A hybrid that has neither recurrent layers nor experts.
Result<void> CheckPlain(const HfConfig& config, uint64_t layers) {
  constexpr std::string_view kTypes = "layer_types";
  LEDGE_TRY(const std::vector<std::string> types, config.Texts(kTypes));
  for (const std::string& type : types) {
    if (type == "attention") continue;
    return config.Unsupported(kTypes, fmt::format("has \"{}\" in it; only \"attention\" is "
                                                  "supported",
                                                  PrintableLine(type, 40)));
  }
  if (types.size() != layers) {
    return config.Malformed(kTypes, fmt::format("has {} entries; it should have one a layer, {}",
                                                types.size(), layers));
  }
  constexpr std::string_view kExperts = "num_local_experts";
  LEDGE_TRY(const uint64_t experts, config.Count(kExperts, 0));
  if (experts > 0) {
    return config.Unsupported(kExperts, fmt::format("is {}; only 0 is supported", experts));
  }
  return RequireText(config, "position_embedding_type", "rope");
}

Result<void> ConvertGranite(Conversion& conversion) {
  const HfConfig& config = conversion.config();
  LEDGE_TRY(const HfShape shape, ReadHfShape(config));
  LEDGE_TRY(const std::vector<std::string> models, config.Texts("architectures"));
  const bool hybrid = models[0] == kHybrid;
  if (hybrid) LEDGE_CHECK_OK(CheckPlain(config, shape.layers));
  HfDecoder decoder = {.norms = kHfNormsBefore,
                       .attention = kHfAttention,
                       .feed_forward = kHfFeedForward,
                       .paired = true};
  if (hybrid) {
    decoder.feed_forward = {};
    decoder.feed_forward_field = "shared_intermediate_size";
  }
  LEDGE_CHECK_OK(ConvertDecoder(conversion, decoder));
  for (uint64_t i = 0; hybrid && i < shape.layers; ++i) {
    LEDGE_CHECK_OK(TakeGraniteFeedForward(conversion, fmt::format("model.layers.{}.shared_mlp.", i),
                                          fmt::format("blk.{}.", i), ""));
  }
  return CopyGraniteMultipliers(conversion);
}

}  // namespace hf_granite

extern const HfFamily kFamily_granite;
const HfFamily kFamily_granite = {"granite", hf_granite::kModels, &hf_granite::ConvertGranite};

}  // namespace ledge
