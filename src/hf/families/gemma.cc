// Gemma: as llama with gelu; norms' weights are what is added to one.
#include "hf/decoder.h"
#include "hf/family.h"

namespace ledge {
namespace hf_gemma {

constexpr std::string_view kModels[] = {"GemmaForCausalLM"};

Result<void> ConvertGemma(Conversion& conversion) {
  return ConvertDecoder(conversion, {.norms = kHfNormsBefore,
                                     .attention = kHfAttention,
                                     .feed_forward = kHfFeedForward,
                                     .activation = "gelu_pytorch_tanh",
                                     .activation_field = "hidden_activation",
                                     .norm_plus = 1});
}

}  // namespace hf_gemma

extern const HfFamily kFamily_gemma;
const HfFamily kFamily_gemma = {"gemma", hf_gemma::kModels, &hf_gemma::ConvertGemma};

}  // namespace ledge
