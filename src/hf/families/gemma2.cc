// Gemma 2: norms around every block, soft caps, every other layer sliding.
#include "hf/decoder.h"
#include "hf/family.h"
#include "hf/gemma.h"

namespace ledge {
namespace {

constexpr std::string_view kModels[] = {"Gemma2ForCausalLM"};

Result<void> ConvertGemma2(Conversion& conversion) {
  const HfConfig& config = conversion.config();
  LEDGE_TRY(const HfShape shape, ReadHfShape(conversion.config()));
  LEDGE_CHECK_OK(ConvertDecoder(conversion, {.norms = kHfNormsAround,
                                             .attention = kHfAttention,
                                             .feed_forward = kHfFeedForward,
                                             .activation = "gelu_pytorch_tanh",
                                             .activation_field = "hidden_activation",
                                             .norm_plus = 1}));
  constexpr uint64_t kLayersOf27B = 46;
  LEDGE_CHECK_OK(CheckGemmaScale(config, shape, kLayersOf27B));
  for (const std::string_view name : {"attn_logit_softcapping", "final_logit_softcapping"}) {
    LEDGE_CHECK_OK(conversion.CopyNumber(name, name));
  }
  LEDGE_CHECK_OK(conversion.CopyCount("sliding_window", "attention.sliding_window"));
  LEDGE_TRY(const auto sliding, SlidingLayers(config, shape.layers));
  if (sliding) conversion.PutBools("attention.sliding_window_pattern", *sliding);
  return {};
}

}  // namespace

extern const HfFamily kFamily_gemma2;
const HfFamily kFamily_gemma2 = {"gemma2", kModels, &ConvertGemma2};

}  // namespace ledge
