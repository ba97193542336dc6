// ERNIE 4.5, dense: as llama. Source: Baidu, ERNIE 4.5 Technical Report (2025).
#include "model/architecture.h"
#include "model/decoder_builder.h"

namespace ledge {
namespace {

Result<ModelSpec> BuildErnie45(const Hyperparameters& numbers, TensorFinder& weights) {
  return BuildDecoder(numbers, weights, {.rope_paired = true});
}

}  // namespace

extern const Architecture kArchitecture_ernie4_5;
const Architecture kArchitecture_ernie4_5 = {"ernie4_5", &BuildErnie45};

}  // namespace ledge
