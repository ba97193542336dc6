// BERT and what was trained from it (MiniLM, BGE, E5): an encoder with learned positions and layer
// norms of the sum. Source: Devlin et al., BERT (arXiv 1810.04805).
#include "model/architecture.h"
#include "model/encoder_ends.h"

namespace ledge {
namespace {

Result<ModelSpec> BuildBert(const Hyperparameters& numbers, TensorFinder& weights) {
  LEDGE_TRY(ModelSpec spec, BuildDecoder(numbers, weights,
                                         {.norm = NormKind::kLayer,
                                          .placement = NormPlacement::kOfTheSum,
                                          .rope = false,
                                          .activation = Nonlinearity::kGelu,
                                          .gated = false,
                                          .encoder = true}));
  LEDGE_TRY(spec.position_embedding,
            weights.Matrix("position_embd.weight", spec.trained_context, spec.width));
  LEDGE_CHECK_OK(TakeEncoderEnds(numbers, weights, spec));
  return spec;
}

}  // namespace

extern const Architecture kArchitecture_bert;
const Architecture kArchitecture_bert = {"bert", &BuildBert, true};

}  // namespace ledge
