// StarCoder 2: layer norms, biases everywhere, a plain feed-forward.
#include "hf/decoder.h"
#include "hf/family.h"

namespace ledge {
namespace hf_starcoder2 {

constexpr std::string_view kModels[] = {"Starcoder2ForCausalLM"};

constexpr HfLayerName kFeedForward[] = {
    {"mlp.c_fc", "ffn_up"},
    {"mlp.c_proj", "ffn_down"},
};

Result<void> ConvertStarcoder2(Conversion& conversion) {
  return ConvertDecoder(conversion, {.norms = kHfNormsBefore,
                                     .attention = kHfAttention,
                                     .feed_forward = kFeedForward,
                                     .activation = "gelu_pytorch_tanh",
                                     .layer_norm = true,
                                     .window = true});
}

}  // namespace hf_starcoder2

extern const HfFamily kFamily_starcoder2;
const HfFamily kFamily_starcoder2 = {"starcoder2", hf_starcoder2::kModels,
                                     &hf_starcoder2::ConvertStarcoder2};

}  // namespace ledge
