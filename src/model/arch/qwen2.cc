// Qwen2 and Qwen2.5: as llama, with biases on query, key and value, pairs half a head apart.
// Source: Yang et al., Qwen2 Technical Report (arXiv 2407.10671).
#include "model/architecture.h"
#include "model/decoder_builder.h"

namespace ledge {
namespace {

Result<ModelSpec> BuildQwen2(const Hyperparameters& numbers, TensorFinder& weights) {
  return BuildDecoder(numbers, weights, {.query_biased = true});
}

}  // namespace

extern const Architecture kArchitecture_qwen2;
const Architecture kArchitecture_qwen2 = {"qwen2", &BuildQwen2};

}  // namespace ledge
