// ERNIE 4.5's mixtures of experts: the first layers are dense, a bias takes part in the choice of
// experts only, one expert is shared. Source: Baidu, ERNIE 4.5 Technical Report (2025).
#include "model/architecture.h"
#include "model/decoder_builder.h"

namespace ledge {
namespace {

Result<ModelSpec> BuildErnie45Moe(const Hyperparameters& numbers, TensorFinder& weights) {
  return BuildDecoder(numbers, weights, {.rope_paired = true, .experts = true});
}

}  // namespace

extern const Architecture kArchitecture_ernie4_5_moe;
const Architecture kArchitecture_ernie4_5_moe = {"ernie4_5-moe", &BuildErnie45Moe};

}  // namespace ledge
