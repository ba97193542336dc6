// What happens to a block's output on its way into the residual stream.
#pragma once

#include "executor/native/inputs.h"
#include "executor/native/step_context.h"

namespace ledge {

// x += residual_scale * post(w input + bias), then x = sum(x), for the first input.columns()
// columns of scratch.x.
void AddBlock(const StepContext& step, Worker& worker, const PanelMatrix& w,
              const VectorWeights& bias, ProductInput& input, const Norm& post, const Norm& sum);

// The same for one column whose output is there: `branch` is overwritten.
void AddBranch(const StepContext& step, const Norm& post, const Norm& sum, float* branch, float* x);

}  // namespace ledge
