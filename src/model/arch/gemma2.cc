// Gemma 2: Gemma with norms around every block, soft caps on scores and logits, and a sliding
// window on every other layer. Source: Gemma Team, Gemma 2 (arXiv 2408.00118). The scale of the
// scores is that of the key length, but for the 27B, which divides by the width of a head as if
// they made up the embedding.
#include <cmath>

#include "model/architecture.h"
#include "model/decoder_builder.h"

namespace ledge {
namespace {

Result<ModelSpec> BuildGemma2(const Hyperparameters& numbers, TensorFinder& weights) {
  LEDGE_TRY(ModelSpec spec, BuildDecoder(numbers, weights,
                                         {.placement = NormPlacement::kAround,
                                          .activation = Nonlinearity::kGeluTanh}));
  spec.embedding_scale = std::sqrt(static_cast<float>(spec.width));
  constexpr std::string_view kScores = "attn_logit_softcapping";
  constexpr std::string_view kLogits = "final_logit_softcapping";
  LEDGE_TRY(const double scores, numbers.Positive(kScores, 50));
  LEDGE_TRY(const double logits, numbers.Positive(kLogits, 30));
  spec.logit_softcap = static_cast<float>(logits);
  constexpr size_t kLayersOf27B = 46;
  for (LayerSpec& layer : spec.layers) {
    layer.attention.softcap = static_cast<float>(scores);
    if (spec.layers.size() == kLayersOf27B) {
      layer.attention.scale = 1 / std::sqrt(static_cast<float>(spec.width / layer.attention.heads));
    }
  }
  LEDGE_CHECK_OK(ReadSlidingLayers(numbers, 4096, 2, spec));
  return spec;
}

}  // namespace

extern const Architecture kArchitecture_gemma2;
const Architecture kArchitecture_gemma2 = {"gemma2", &BuildGemma2};

}  // namespace ledge
