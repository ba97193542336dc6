// Reads what a GGUF file says about rotary position embeddings.
#pragma once

#include "model/hyperparameters.h"
#include "model/model_spec.h"
#include "model/weights.h"

namespace ledge {

// The tables for heads of `key_dim`, from the keys rope.dimension_count, rope.freq_base,
// rope.scaling.*, the older rope.scale_linear, and the tensors rope_freqs.weight or
// rope_factors_short.weight and rope_factors_long.weight where there are any.
// `trained_context` stands in for a missing rope.scaling.original_context_length. kMalformed for
// numbers that give no finite angles or more rotated dimensions than a head has; kUnsupported for a
// method of scaling this build lacks. Where `weights` has no data (TensorFinder of a header) the
// tensor's divisors are left out.
Result<Rope> ReadRope(const Hyperparameters& numbers, TensorFinder& weights, uint32_t key_dim,
                      uint32_t trained_context);
// An unscaled one with the base rope.freq_base_swa, for layers that slide.
Result<Rope> ReadLocalRope(const Hyperparameters& numbers, uint32_t dims, double fallback);

}  // namespace ledge
