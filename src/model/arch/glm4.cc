// GLM-4-0414: norms around every block, gate and up in one matrix, half of each head rotated.
// Source: the model's published configuration.
#include "model/architecture.h"
#include "model/decoder_builder.h"

namespace ledge {
namespace {

Result<ModelSpec> BuildGlm4(const Hyperparameters& numbers, TensorFinder& weights) {
  return BuildDecoder(numbers, weights, {.placement = NormPlacement::kAround, .rope_paired = true});
}

}  // namespace

extern const Architecture kArchitecture_glm4;
const Architecture kArchitecture_glm4 = {"glm4", &BuildGlm4};

}  // namespace ledge
