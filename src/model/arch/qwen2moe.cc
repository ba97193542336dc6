// Qwen1.5-MoE and Qwen2-57B-A14B: Qwen2 with a mixture of experts whose weights are not divided by
// their sum, beside an expert that all tokens share, gated by a sigmoid. Source: Yang et al., Qwen2
// Technical Report (arXiv 2407.10671).
#include "model/architecture.h"
#include "model/decoder_builder.h"

namespace ledge {
namespace {

Result<ModelSpec> BuildQwen2moe(const Hyperparameters& numbers, TensorFinder& weights) {
  return BuildDecoder(
      numbers, weights,
      {.query_biased = true, .experts = true, .renormalise = false, .shared_gate = true});
}

}  // namespace

extern const Architecture kArchitecture_qwen2moe;
const Architecture kArchitecture_qwen2moe = {"qwen2moe", &BuildQwen2moe};

}  // namespace ledge
