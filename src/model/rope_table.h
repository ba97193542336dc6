// Rotary position embeddings: one frequency per pair of dimensions, and how long-context methods
// change it.
//
// Pair i of `dims` / 2 turns by angle position * f(i):
//   plain    f = base^(-2i / dims)                                  (Su et al., RoFormer, arXiv
//   2104.09864) linear   f / factor yarn     a blend of f and f / factor, by how often the pair
//   turns within the original context
//            (Peng et al., arXiv 2309.00071); cos and sin are also multiplied by 1 + 0.1 ln(factor)
//   factors  f / factors[i], before linear or yarn: what GGUF files bring as the tensors
//   rope_freqs.weight
//            (Llama 3) and rope_factors_long/short.weight (LongRoPE)
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.h"

namespace ledge {

enum class RopeScaling : uint8_t { kNone, kLinear, kYarn };

// Defaults are what a GGUF file means when it leaves the key out. "rope." stands for
// "<architecture>.rope.".
struct RopeSpec {
  uint32_t dims = 0;    // rope.dimension_count: of a head, how many are rotated; even
  double base = 10000;  // rope.freq_base
  RopeScaling scaling = RopeScaling::kNone;  // rope.scaling.type
  double factor = 1;                         // rope.scaling.factor, for linear and yarn
  uint32_t original_context = 0;             // rope.scaling.original_context_length, for yarn
  double beta_fast = 32;      // rope.scaling.yarn_beta_fast: turns from which a pair is left alone
  double beta_slow = 1;       // rope.scaling.yarn_beta_slow: turns below which it is interpolated
  double log_multiplier = 0;  // rope.scaling.yarn_log_multiplier; 0: none
  bool truncate = true;    // rope.scaling.yarn_truncate: whole pairs where the ramp begins and ends
  double attn_factor = 1;  // rope.scaling.attn_factor: multiplies cos and sin, whatever the scaling
  std::span<const float> factors = {};  // dims / 2 divisors or empty; read by Create only
};

// Immutable after Create; any thread may read it.
class RopeTable {
 public:
  // kMalformed, naming the field, where a number can't give finite angles: a base, factor, beta or
  // divisor that is not positive and finite, odd or no dims, yarn without its original context.
  static Result<RopeTable> Create(const RopeSpec& spec);

  uint32_t dims() const { return static_cast<uint32_t>(2 * frequencies_.size()); }
  // What cos and sin are multiplied by.
  double magnitude() const { return magnitude_; }
  // Radians a position, per pair.
  std::span<const double> frequencies() const { return frequencies_; }

  // Writes dims() floats: cos and sin of each pair's angle, times the magnitude. The angle is
  // computed in double, so far positions lose nothing.
  void Fill(uint32_t position, float* cos_sin) const;

 private:
  RopeTable(std::vector<double> frequencies, double magnitude)
      : frequencies_(std::move(frequencies)), magnitude_(magnitude) {}

  std::vector<double> frequencies_;
  double magnitude_;
};

}  // namespace ledge
