// Qwen3: as Qwen2 without biases, each head of query and key normalised before it is rotated.
// Source: Yang et al., Qwen3 Technical Report (arXiv 2505.09388).
#include "model/architecture.h"
#include "model/decoder_builder.h"

namespace ledge {
namespace {

Result<ModelSpec> BuildQwen3(const Hyperparameters& numbers, TensorFinder& weights) {
  return BuildDecoder(numbers, weights, {.head_norms = HeadNorms::kEach});
}

}  // namespace

extern const Architecture kArchitecture_qwen3;
const Architecture kArchitecture_qwen3 = {"qwen3", &BuildQwen3};

}  // namespace ledge
