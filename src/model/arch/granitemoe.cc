// Granite's mixtures of experts, with or without a shared one: as llama, with multipliers on the
// embedding, the scores, what a block adds, and a divisor on the logits. Source: the models'
// published configuration.
#include "model/architecture.h"
#include "model/granite_multipliers.h"

namespace ledge {
namespace {

Result<ModelSpec> BuildGranitemoe(const Hyperparameters& numbers, TensorFinder& weights) {
  return BuildGranite(numbers, weights, {.rope_paired = true, .experts = true});
}

}  // namespace

extern const Architecture kArchitecture_granitemoe;
const Architecture kArchitecture_granitemoe = {"granitemoe", &BuildGranitemoe};

}  // namespace ledge
