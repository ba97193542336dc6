// Which steps of a layer are done while their data is at hand, instead of in a phase of their own.
// Each has a plain twin, for tests and for measuring what it brings; both give the same bits.
#pragma once

namespace ledge {

struct Fusions {
  bool norm = true;      // threads normalise and quantise few columns for themselves (inputs.h)
  bool heads = true;     // biases, rotation and the cache's entry end the product of Q, K and V
  bool gated = true;     // the activation ends the product of gate and up
  bool residual = true;  // the addition to the residual stream ends the product before it

  static constexpr Fusions None() { return {false, false, false, false}; }
};

}  // namespace ledge
