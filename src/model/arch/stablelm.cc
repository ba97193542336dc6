// StableLM 2: as llama with layer norms and a part of each head rotated. Its 12B, which normalises
// each head with weights of its own, is refused by those tensors' names. Source: Bellagente et al.,
// Stable LM 2 1.6B (arXiv 2402.17834).
#include "model/architecture.h"
#include "model/decoder_builder.h"

namespace ledge {
namespace {

Result<ModelSpec> BuildStablelm(const Hyperparameters& numbers, TensorFinder& weights) {
  return BuildDecoder(numbers, weights, {.norm = NormKind::kLayer});
}

}  // namespace

extern const Architecture kArchitecture_stablelm;
const Architecture kArchitecture_stablelm = {"stablelm", &BuildStablelm};

}  // namespace ledge
