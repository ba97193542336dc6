// Nomic Embed: BERT with rotated heads instead of learned positions and a SwiGLU feed-forward.
// Source: Nussbaum et al., Nomic Embed (arXiv 2402.01613).
#include "model/architecture.h"
#include "model/encoder_ends.h"

namespace ledge {
namespace {

Result<ModelSpec> BuildNomicBert(const Hyperparameters& numbers, TensorFinder& weights) {
  LEDGE_TRY(ModelSpec spec, BuildDecoder(numbers, weights,
                                         {.norm = NormKind::kLayer,
                                          .placement = NormPlacement::kOfTheSum,
                                          .encoder = true}));
  LEDGE_CHECK_OK(TakeEncoderEnds(numbers, weights, spec));
  return spec;
}

}  // namespace

extern const Architecture kArchitecture_nomic_bert;
const Architecture kArchitecture_nomic_bert = {"nomic-bert", &BuildNomicBert, true};

}  // namespace ledge
