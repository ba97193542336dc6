// Llama 1 to 3, Mistral, and Mixtral's experts: w1 is the gate, w2 down, w3 up.
#include "hf/decoder.h"
#include "hf/family.h"

namespace ledge {
namespace hf_llama {

constexpr std::string_view kModels[] = {"LlamaForCausalLM", "MistralForCausalLM",
                                        "MixtralForCausalLM"};

constexpr HfExperts kExperts = {.router = "block_sparse_moe.gate",
                                .each = "block_sparse_moe.experts.",
                                .gate = "w1",
                                .up = "w3",
                                .down = "w2"};

Result<void> ConvertLlama(Conversion& conversion) {
  return ConvertDecoder(conversion, {.norms = kHfNormsBefore,
                                     .attention = kHfAttention,
                                     .feed_forward = kHfFeedForward,
                                     .experts = kExperts,
                                     .paired = true,
                                     .window = true});
}

}  // namespace hf_llama

extern const HfFamily kFamily_llama;
const HfFamily kFamily_llama = {"llama", hf_llama::kModels, &hf_llama::ConvertLlama};

}  // namespace ledge
