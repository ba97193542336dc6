// Granite 3 and later dense models: as llama, with multipliers on the embedding, the scores,
// what a block adds, and a divisor on the logits. Source: the models' published configuration.
#include "model/architecture.h"
#include "model/granite_multipliers.h"

namespace ledge {
namespace {

Result<ModelSpec> BuildGranite(const Hyperparameters& numbers, TensorFinder& weights) {
  return BuildGranite(numbers, weights, {.rope_paired = true});
}

}  // namespace

extern const Architecture kArchitecture_granite;
const Architecture kArchitecture_granite = {"granite", &BuildGranite};

}  // namespace ledge
