// The scalar reference for CPUs without fused multiply-add: products are rounded before they are
// added. What SSE 4.1 computes is defined here, bit for bit.
#pragma once

#include "kernels/isa/scalar/simd.h"

namespace ledge::isa_unfused {

struct Simd : isa_scalar::Simd {
  static F32 Fma(F32 a, F32 b, F32 c) { return Add(Mul(a, b), c); }
  static F32 Fnma(F32 a, F32 b, F32 c) { return Sub(c, Mul(a, b)); }
  static float Fma(float a, float b, float c) { return a * b + c; }
};

}  // namespace ledge::isa_unfused
