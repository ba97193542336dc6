// SmolLM3: as llama, every fourth layer without rotation. Source: Bakouch et al., SmolLM3 (2025),
// and the model's published configuration.
#include "model/architecture.h"
#include "model/decoder_builder.h"

namespace ledge {
namespace {

Result<ModelSpec> BuildSmollm3(const Hyperparameters& numbers, TensorFinder& weights) {
  LEDGE_TRY(ModelSpec spec, BuildDecoder(numbers, weights, {.rope_paired = true}));
  for (size_t i = 3; i < spec.layers.size(); i += 4) spec.layers[i].attention.rope = kNoRope;
  return spec;
}

}  // namespace

extern const Architecture kArchitecture_smollm3;
const Architecture kArchitecture_smollm3 = {"smollm3", &BuildSmollm3};

}  // namespace ledge
