// gpt-oss: a mixture of experts with biases and a clamped gate, attention with a learned score of
// seeing nothing, every other layer sliding. Source: OpenAI, gpt-oss model card (arXiv 2508.10925),
// and the model's published configuration. GGUF files call the norm before the feed-forward
// post_attention_norm.
#include "model/architecture.h"
#include "model/decoder_builder.h"

namespace ledge {
namespace {

Result<ModelSpec> BuildGptOss(const Hyperparameters& numbers, TensorFinder& weights) {
  LEDGE_TRY(ModelSpec spec, BuildDecoder(numbers, weights,
                                         {.feed_forward_norm = "post_attention_norm",
                                          .activation = Nonlinearity::kSwigluClamped,
                                          .experts = true,
                                          .gating = ExpertGating::kSoftmaxOfChosen,
                                          .renormalise = false}));
  LEDGE_CHECK_OK(ReadSlidingLayers(numbers, 0, 2, spec));
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    LayerSpec& layer = spec.layers[i];
    LEDGE_TRY(layer.sinks,
              weights.Vector(fmt::format("blk.{}.attn_sinks.weight", i), layer.attention.heads));
  }
  return spec;
}

}  // namespace

extern const Architecture kArchitecture_gpt_oss;
const Architecture kArchitecture_gpt_oss = {"gpt-oss", &BuildGptOss};

}  // namespace ledge
