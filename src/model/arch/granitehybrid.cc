// Granite 4's hybrids: most layers have a Mamba-2 mixer in the place of attention, dense or with
// experts and a shared one; multipliers as in Granite, and attention that rotates only where the
// file says so. Source: the models' published configuration.
#include "model/architecture.h"
#include "model/granite_multipliers.h"

namespace ledge {
namespace {

Result<ModelSpec> BuildGranitehybrid(const Hyperparameters& numbers, TensorFinder& weights) {
  LEDGE_TRY(const bool rotates, numbers.header().Bool(numbers.Key("rope.scaling.finetuned"), true));
  return BuildGranite(numbers, weights,
                      {.rope = rotates, .rope_paired = true, .experts = true, .hybrid = true});
}

}  // namespace

extern const Architecture kArchitecture_granitehybrid;
const Architecture kArchitecture_granitehybrid = {"granitehybrid", &BuildGranitehybrid};

}  // namespace ledge
