// Phi-3, Phi-3.5-mini and Phi-4: as llama with query, key and value in one matrix and gate and up
// in another, pairs half a head apart, and LongRoPE. Source: Abdin et al., Phi-3 Technical Report
// (arXiv 2404.14219); Ding et al., LongRoPE (arXiv 2402.13753).
#include "model/architecture.h"
#include "model/decoder_builder.h"

namespace ledge {
namespace {

Result<ModelSpec> BuildPhi3(const Hyperparameters& numbers, TensorFinder& weights) {
  return BuildDecoder(numbers, weights, {.window = true});
}

}  // namespace

extern const Architecture kArchitecture_phi3;
const Architecture kArchitecture_phi3 = {"phi3", &BuildPhi3};

}  // namespace ledge
