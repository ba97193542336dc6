// The recurrence of a selective state space layer (Dao and Gu, "Transformers are SSMs", arXiv
// 2405.21060): a short convolution over time, then a state that decays and is added to.
//
// A head's state has `state` values for each of its channels. It lies in blocks of 16 channels,
// each block's values one behind the other ([block][value][16], channels beyond the last padded),
// so that a lane is a channel and a sum runs in the order of the values.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ledge {

inline constexpr uint32_t kSsmBlock = 16;

// Floats of one head's state.
constexpr uint64_t SsmHeadFloats(uint32_t channels, uint32_t state) {
  return uint64_t{(channels + kSsmBlock - 1) / kSsmBlock} * kSsmBlock * state;
}

// out[i] = silu(bias[i] + sum over t of weights[t * weight_stride + i] * taps[t][i]), for one
// column; taps in the order of time, the column itself last. The sum in the order of t.
struct ConvolveTask {
  const float* const* taps = nullptr;
  uint32_t tap_count = 0;
  const float* weights = nullptr;
  size_t weight_stride = 0;
  const float* bias = nullptr;  // may be null
  uint32_t channels = 0;
  float* out = nullptr;
};

// One head over consecutive columns of one sequence. For each column, with its step size dt:
//
//   state[i][n] = state[i][n] * e^(dt * a) + x[i] * dt * b[n]
//   gate[i]     = silu(gate[i]) * (sum over n of state[i][n] * c[n] + d * x[i])
struct ScanTask {
  uint32_t columns = 0;
  uint32_t channels = 0;
  uint32_t state = 0;
  // Of the first column; the next one's are `stride` floats on.
  const float* x = nullptr;
  const float* b = nullptr;
  const float* c = nullptr;
  size_t stride = 0;
  const float* dt = nullptr;
  float* gate = nullptr;
  size_t gate_stride = 0;  // of dt too
  float a = 0;
  float d = 0;
  const float* from = nullptr;  // the state before the first column; null: zeros
  float* to = nullptr;          // after the last one; may be `from`
};

}  // namespace ledge
