// How much a test computes and reads, for comparing its speed with the machine's limits.
#pragma once

#include <cstdint>

#include "cli/bench/limits.h"
#include "cli/bench/speed.h"
#include "model/model_spec.h"

namespace ledge {

struct ModelWork {
  uint64_t layer_macs = 0;    // multiply-adds of a column in all layers' matrices
  uint64_t output_macs = 0;   // of a column whose logits are wanted
  uint64_t weight_bytes = 0;  // that every step reads
  uint64_t expert_bytes = 0;  // of all experts, of which a column chooses this part
  double expert_share = 0;
  bool integer = true;              // all are int8 products, a mixture's small router aside
  uint64_t kv_bytes_per_token = 0;  // that a column reads for every token before it
};
// Attention's own multiply-adds are left out: they are few but for long contexts. A mixture's
// layers are taken to choose the same number of the same number of experts.
ModelWork WorkOf(const ModelSpec& spec, uint64_t kv_bytes_per_token);

// Parts of the limits that a speed reaches; 0 where the limit is not known, or (for compute) where
// weights are floats.
struct OfLimits {
  double compute = 0;
  double bandwidth = 0;
};
// `max_columns`: of one step. Columns of a mixture are taken to choose their experts evenly and
// each by itself; where they agree, fewer bytes are read than this counts.
OfLimits OfLimitsAt(const ModelWork& work, const SpeedTest& test, double tokens_per_second,
                    uint32_t max_columns, const MachineLimits& limits);

}  // namespace ledge
