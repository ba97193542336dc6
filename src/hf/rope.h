// How a configuration says that positions turn: rope_theta and rope_scaling at the top level, or
// rope_parameters (transformers 5), in which layers of a type may have their own.
//
// Source: transformers' configuration of rotary embeddings (modeling_rope_utils) and its kinds:
// linear, dynamic, yarn, llama3 (Llama 3.1's model card), longrope (arXiv 2402.13753).
#pragma once

#include "hf/conversion.h"

namespace ledge {

struct HfRope {
  uint64_t dims = 0;      // of a head that turn
  double fallback = 1e4;  // of rope_theta
};

// Writes the keys rope.* and, where a kind needs them, the tensors rope_freqs and rope_factors_*.
// A kind that can't be expressed is kUnsupported, by name. rope.scaling.yarn_truncate is a key of
// ours: llama.cpp always rounds the ends of yarn's ramp, and gpt-oss was trained without. "dynamic"
// is what it is up to the trained length: nothing.
Result<void> ConvertRope(Conversion& conversion, const HfRope& rope);

// The part of a head that turns: `head` values times partial_rotary_factor, or `fallback` of it.
Result<uint64_t> RotatedDims(const HfConfig& config, uint64_t head, double fallback = 1);

}  // namespace ledge
