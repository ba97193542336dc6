// StarCoder 2: layer norms, biases everywhere, a plain feed-forward. Source: Lozhkov et al.,
// StarCoder 2 (arXiv 2402.19173).
#include "model/architecture.h"
#include "model/decoder_builder.h"

namespace ledge {
namespace {

Result<ModelSpec> BuildStarcoder2(const Hyperparameters& numbers, TensorFinder& weights) {
  return BuildDecoder(numbers, weights,
                      {.norm = NormKind::kLayer,
                       .window = true,
                       .activation = Nonlinearity::kGeluTanh,
                       .gated = false});
}

}  // namespace

extern const Architecture kArchitecture_starcoder2;
const Architecture kArchitecture_starcoder2 = {"starcoder2", &BuildStarcoder2};

}  // namespace ledge
