// Qwen3's mixtures of experts. Source: Yang et al., Qwen3 Technical Report (arXiv 2505.09388).
#include "model/architecture.h"
#include "model/decoder_builder.h"

namespace ledge {
namespace {

Result<ModelSpec> BuildQwen3moe(const Hyperparameters& numbers, TensorFinder& weights) {
  return BuildDecoder(numbers, weights, {.head_norms = HeadNorms::kEach, .experts = true});
}

}  // namespace

extern const Architecture kArchitecture_qwen3moe;
const Architecture kArchitecture_qwen3moe = {"qwen3moe", &BuildQwen3moe};

}  // namespace ledge
