#include "model/ssm_weights.h"

namespace ledge {

Result<SsmSpec> ReadSsm(const Hyperparameters& numbers) {
  SsmSpec ssm;
  LEDGE_TRY(const uint32_t inner, numbers.Count("ssm.inner_size", {1, kMaxWidth}));
  LEDGE_TRY(ssm.heads, numbers.Count("ssm.time_step_rank", {1, kMaxHeads}));
  LEDGE_TRY(ssm.groups, numbers.Count("ssm.group_count", {1, kMaxHeads}));
  LEDGE_TRY(ssm.state, numbers.Count("ssm.state_size", {1, kMaxSsmState}));
  LEDGE_TRY(ssm.taps, numbers.Count("ssm.conv_kernel", {1, kMaxConvolutionTaps}));
  if (inner % ssm.heads != 0) {
    return numbers.Malformed(
        "ssm.time_step_rank",
        fmt::format("is {}; it should divide ssm.inner_size {}", ssm.heads, inner));
  }
  if (ssm.heads % ssm.groups != 0) {
    return numbers.Malformed("ssm.group_count", fmt::format("is {}; it should divide the {} heads",
                                                            ssm.groups, ssm.heads));
  }
  ssm.head_dim = inner / ssm.heads;
  return ssm;
}

Result<void> TakeSsm(TensorFinder& weights, const std::string& block, uint32_t width,
                     SsmSpec& ssm) {
  const uint32_t convolved = ssm.convolved();
  LEDGE_TRY(ssm.in, weights.Matrix(block + "ssm_in.weight", ssm.projected(), width));
  LEDGE_TRY(ssm.convolution, weights.Columns(block + "ssm_conv1d.weight", convolved, ssm.taps));
  LEDGE_TRY(ssm.convolution_bias, weights.OptionalVector(block + "ssm_conv1d.bias", convolved));
  LEDGE_TRY(ssm.step_bias, weights.Vector(block + "ssm_dt.bias", ssm.heads));
  LEDGE_TRY(ssm.a, weights.RowVectors(block + "ssm_a", ssm.heads, 1));
  LEDGE_TRY(ssm.d, weights.RowVectors(block + "ssm_d", ssm.heads, 1));
  LEDGE_TRY(ssm.norm,
            weights.RowVectors(block + "ssm_norm.weight", ssm.groups, ssm.inner() / ssm.groups));
  LEDGE_TRY(ssm.out, weights.Matrix(block + "ssm_out.weight", width, ssm.inner()));
  return {};
}

}  // namespace ledge
