#include "hf/gemma.h"

namespace ledge {
namespace {

Result<void> CheckScale(const HfConfig& config, const HfShape& shape, uint64_t divided_layers) {
  constexpr std::string_view kField = "query_pre_attn_scalar";
  const uint64_t expected = shape.layers == divided_layers ? shape.width / shape.heads : shape.head;
  LEDGE_TRY(const uint64_t scalar, config.Count(kField, expected));
  if (scalar == expected) return {};
  return config.Unsupported(
      kField, fmt::format("is {}; with {} layers it should be {}", scalar, shape.layers, expected));
}

}  // namespace

Result<bool> ConvertGemmaDecoder(Conversion& conversion, const HfGemma& gemma) {
  const HfConfig& config = conversion.config();
  LEDGE_TRY(const HfShape shape, ReadHfShape(config));
  LEDGE_CHECK_OK(ConvertDecoder(conversion, {.norms = kHfNormsAround,
                                             .attention = gemma.attention,
                                             .feed_forward = kHfFeedForward,
                                             .activation = "gelu_pytorch_tanh",
                                             .activation_field = "hidden_activation",
                                             .norm_plus = 1}));
  LEDGE_CHECK_OK(CheckScale(config, shape, gemma.divided_layers));
  LEDGE_CHECK_OK(conversion.CopyCount("sliding_window", "attention.sliding_window"));
  LEDGE_TRY(const auto sliding, SlidingLayers(config, shape.layers));
  if (sliding) conversion.PutBools("attention.sliding_window_pattern", *sliding);
  return sliding.has_value();
}

}  // namespace ledge
