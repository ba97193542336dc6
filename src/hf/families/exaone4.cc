// EXAONE 4: norms behind the blocks, each head of query and key normalised. The 32B slides on three
// of four layers.
#include "hf/decoder.h"
#include "hf/family.h"

namespace ledge {
namespace hf_exaone4 {

constexpr std::string_view kModels[] = {"Exaone4ForCausalLM"};

// Which layers slide: a list, or a pattern that repeats, as letters ("LLLG", L for local) or as the
// number of the layer that doesn't.
Result<void> PutPattern(Conversion& conversion, uint64_t layers) {
  const HfConfig& config = conversion.config();
  constexpr std::string_view kName = "attention.sliding_window_pattern";
  LEDGE_TRY(const auto listed, SlidingLayers(config, layers));
  if (listed) {
    conversion.PutBools(kName, *listed);
    return {};
  }
  constexpr std::string_view kField = "sliding_window_pattern";
  const auto letters = config.Text(kField, "");
  uint64_t period = 4;
  if (!letters.ok()) {
    LEDGE_TRY(period, config.Count(kField));
    if (period == 0) return config.Malformed(kField, "is 0; it should be from 1 up");
  } else if (letters->find_first_not_of("LG") != std::string::npos) {
    return config.Unsupported(kField, fmt::format("is \"{}\"; it should consist of L and G",
                                                  PrintableLine(*letters, 40)));
  }
  std::vector<bool> sliding;
  for (uint64_t i = 0; i < layers; ++i) {
    sliding.push_back(letters.ok() && !letters->empty() ? (*letters)[i % letters->size()] == 'L'
                                                        : (i + 1) % period != 0);
  }
  conversion.PutBools(kName, sliding);
  return {};
}

Result<void> ConvertExaone4(Conversion& conversion) {
  const HfConfig& config = conversion.config();
  LEDGE_TRY(const HfShape shape, ReadHfShape(config));
  LEDGE_CHECK_OK(ConvertDecoder(conversion, {.norms = kHfNormsAfter,
                                             .attention = kHfAttentionWithNorms,
                                             .feed_forward = kHfFeedForward}));
  LEDGE_CHECK_OK(conversion.CopyCount("vocab_size", "vocab_size"));
  LEDGE_TRY(const uint64_t window, config.Count("sliding_window", 0));
  if (window == 0) return {};
  conversion.PutCount("attention.sliding_window", window);
  return PutPattern(conversion, shape.layers);
}

}  // namespace hf_exaone4

extern const HfFamily kFamily_exaone4;
const HfFamily kFamily_exaone4 = {"exaone4", hf_exaone4::kModels, &hf_exaone4::ConvertExaone4};

}  // namespace ledge
