// Phi-1.5 and Phi-2: attention and a plain feed-forward side by side on one layer norm, a part of
// each head rotated, biases everywhere, also on the logits. Source: Hughes, Phi-2 (2023), and the
// model's published configuration.
#include "model/architecture.h"
#include "model/decoder_builder.h"

namespace ledge {
namespace {

Result<ModelSpec> BuildPhi2(const Hyperparameters& numbers, TensorFinder& weights) {
  return BuildDecoder(numbers, weights,
                      {.norm = NormKind::kLayer,
                       .placement = NormPlacement::kBeforeBoth,
                       .activation = Nonlinearity::kGeluTanh,
                       .gated = false,
                       .biased = true});
}

}  // namespace

extern const Architecture kArchitecture_phi2;
const Architecture kArchitecture_phi2 = {"phi2", &BuildPhi2};

}  // namespace ledge
