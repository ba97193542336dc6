#include "executor/native/branches.h"

#include "executor/native/products.h"

namespace ledge {

void AddBranch(const StepContext& step, const Norm& post, const Norm& sum, float* branch,
               float* x) {
  const uint32_t width = step.spec.width;
  if (post) Normalise(step, post, branch, width, branch);
  if (step.spec.residual_scale == 1) {
    step.kernels.add(branch, width, x);
  } else {
    step.kernels.add_scaled(step.spec.residual_scale, branch, width, x);
  }
  if (sum) Normalise(step, sum, x, width, x);
}

void AddBlock(const StepContext& step, Worker& worker, const PanelMatrix& w,
              const VectorWeights& bias, ProductInput& input, const Norm& post, const Norm& sum) {
  const uint32_t width = step.spec.width;
  if (!post && !sum && step.spec.residual_scale == 1) {
    MultiplyAdd(step, worker, w, bias, input, step.scratch.x, width);
    return;
  }
  const uint32_t columns = input.columns();
  const Product product{&w, step.scratch.branch, width};
  Multiply(step, worker, {&product, 1}, input);
  WorkRange range;
  while (worker.Take(columns, 1, range)) {
    float* branch = step.scratch.branch + uint64_t{range.begin} * width;
    if (bias) step.kernels.add(bias.data, width, branch);
    AddBranch(step, post, sum, branch, step.scratch.x + uint64_t{range.begin} * width);
  }
  worker.EndPhase(columns);
}

}  // namespace ledge
