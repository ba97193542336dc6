// Reads what a GGUF file says about rotary position embeddings.
#pragma once

#include "model/hyperparameters.h"
#include "model/rope_table.h"
#include "model/weights.h"

namespace ledge {

// The table for heads of `key_dim`, from the keys rope.dimension_count, rope.freq_base,
// rope.scaling.*, the older rope.scale_linear, and the tensor rope_freqs.weight where there is one.
// `trained_context` stands in for a missing rope.scaling.original_context_length. kMalformed for
// numbers that give no finite angles or more rotated dimensions than a head has; kUnsupported for a
// method of scaling this build lacks. Where `weights` has no data (TensorFinder of a header) the
// tensor's divisors are left out.
Result<RopeTable> ReadRope(const Hyperparameters& numbers, TensorFinder& weights, uint32_t key_dim,
                           uint32_t trained_context);

}  // namespace ledge
