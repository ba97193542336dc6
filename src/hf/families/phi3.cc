// Phi-3, Phi-3.5-mini and Phi-4: query, key and value in one matrix, gate and up in another, as in
// GGUF.
#include "hf/decoder.h"
#include "hf/family.h"

namespace ledge {
namespace hf_phi3 {

constexpr std::string_view kModels[] = {"Phi3ForCausalLM"};

constexpr HfLayerName kAttention[] = {
    {"self_attn.qkv_proj", "attn_qkv"},
    {"self_attn.o_proj", "attn_output"},
};
constexpr HfLayerName kFeedForward[] = {
    {"mlp.gate_up_proj", "ffn_up"},
    {"mlp.down_proj", "ffn_down"},
};

Result<void> ConvertPhi3(Conversion& conversion) {
  return ConvertDecoder(conversion, {.norms = kHfNormsBefore,
                                     .attention = kAttention,
                                     .feed_forward = kFeedForward,
                                     .window = true});
}

}  // namespace hf_phi3

extern const HfFamily kFamily_phi3;
const HfFamily kFamily_phi3 = {"phi3", hf_phi3::kModels, &hf_phi3::ConvertPhi3};

}  // namespace ledge
