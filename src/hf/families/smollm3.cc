// SmolLM3: as llama, every fourth layer without rotation.
#include "hf/decoder.h"
#include "hf/family.h"

namespace ledge {
namespace hf_smollm3 {

constexpr std::string_view kModels[] = {"SmolLM3ForCausalLM"};

// The architecture knows no other pattern.
Result<void> CheckRotation(const HfConfig& config) {
  constexpr std::string_view kField = "no_rope_layers";
  LEDGE_TRY(const std::vector<uint64_t> rotated, config.Counts(kField));
  for (size_t i = 0; i < rotated.size(); ++i) {
    const uint64_t expected = (i + 1) % 4 == 0 ? 0 : 1;
    if (rotated[i] != expected) {
      return config.Unsupported(kField, fmt::format("[{}] is {}; it should be {}: every fourth "
                                                    "layer is without rotation",
                                                    i, rotated[i], expected));
    }
  }
  return {};
}

Result<void> ConvertSmollm3(Conversion& conversion) {
  LEDGE_CHECK_OK(RequireBool(conversion.config(), "use_sliding_window", false, false));
  LEDGE_CHECK_OK(CheckRotation(conversion.config()));
  return ConvertDecoder(conversion, {.norms = kHfNormsBefore,
                                     .attention = kHfAttention,
                                     .feed_forward = kHfFeedForward,
                                     .paired = true});
}

}  // namespace hf_smollm3

extern const HfFamily kFamily_smollm3;
const HfFamily kFamily_smollm3 = {"smollm3", hf_smollm3::kModels, &hf_smollm3::ConvertSmollm3};

}  // namespace ledge
