// OLMo 2 and 3: norms behind the blocks, query and key normalised across all heads.
#include "hf/decoder.h"
#include "hf/family.h"

namespace ledge {
namespace hf_olmo2 {

constexpr std::string_view kModels[] = {"Olmo2ForCausalLM", "Olmo3ForCausalLM"};

Result<void> ConvertOlmo2(Conversion& conversion) {
  const HfConfig& config = conversion.config();
  LEDGE_TRY(const HfShape shape, ReadHfShape(conversion.config()));
  LEDGE_CHECK_OK(ConvertDecoder(conversion, {.norms = kHfNormsAfter,
                                             .attention = kHfAttentionWithNorms,
                                             .feed_forward = kHfFeedForward}));
  LEDGE_TRY(const uint64_t window, config.Count("sliding_window", 0));
  if (window == 0) return {};
  conversion.PutCount("attention.sliding_window", window);
  LEDGE_TRY(const auto sliding, SlidingLayers(config, shape.layers));
  if (sliding) conversion.PutBools("attention.sliding_window_pattern", *sliding);
  return {};
}

}  // namespace hf_olmo2

extern const HfFamily kFamily_olmo2;
const HfFamily kFamily_olmo2 = {"olmo2", hf_olmo2::kModels, &hf_olmo2::ConvertOlmo2};

}  // namespace ledge
