// Gemma 1: as llama with a GeGLU feed-forward and the embedding scaled by sqrt(width). GGUF files
// have the one that the model adds to its norms' weights added already. Source: Gemma Team, Gemma
// (arXiv 2403.08295).
#include <cmath>

#include "model/architecture.h"
#include "model/decoder_builder.h"

namespace ledge {
namespace {

Result<ModelSpec> BuildGemma(const Hyperparameters& numbers, TensorFinder& weights) {
  LEDGE_TRY(ModelSpec spec,
            BuildDecoder(numbers, weights, {.activation = Nonlinearity::kGeluTanh}));
  spec.embedding_scale = std::sqrt(static_cast<float>(spec.width));
  return spec;
}

}  // namespace

extern const Architecture kArchitecture_gemma;
const Architecture kArchitecture_gemma = {"gemma", &BuildGemma};

}  // namespace ledge
