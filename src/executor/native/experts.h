// A mixture of experts: every column chooses some, and each chosen expert is read once for all its
// columns. A column's result is the sum of its experts' in the order of its own choice, so that it
// does not depend on who else chose them.
#pragma once

#include "executor/native/step_context.h"

namespace ledge {

// Adds the layer's mixture (and its shared expert) to the first `columns` columns of scratch.x.
// Ends its phases itself.
void AddExperts(const StepContext& step, Worker& worker, const LayerSpec& layer, uint32_t columns);

// The choice for one column: `router` has `experts.count` outputs and is overwritten. Writes
// `experts.used` different indices and their weights, whatever the outputs are (NaN too).
void ChooseExperts(const Kernels& kernels, const ExpertsSpec& experts, float* router,
                   uint32_t* chosen, float* weights);

}  // namespace ledge
