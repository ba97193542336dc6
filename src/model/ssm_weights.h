// Reads what a GGUF file says about state space mixers.
#pragma once

#include <string>

#include "model/hyperparameters.h"
#include "model/model_spec.h"
#include "model/weights.h"

namespace ledge {

// ssm.inner_size, ssm.time_step_rank (the number of heads), ssm.group_count, ssm.state_size,
// ssm.conv_kernel; no tensors yet.
Result<SsmSpec> ReadSsm(const Hyperparameters& numbers);

// ssm_in, ssm_conv1d, ssm_dt, ssm_a (negative: a column's decay is e^(a dt)), ssm_d, ssm_norm,
// ssm_out.
Result<void> TakeSsm(TensorFinder& weights, const std::string& block, uint32_t width, SsmSpec& ssm);

}  // namespace ledge
