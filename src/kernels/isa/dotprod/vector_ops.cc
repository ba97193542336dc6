#include "kernels/vector_ops.h"

#include "kernels/isa/dotprod/simd.h"
#include "kernels/isa/isa_functions.h"

namespace ledge::isa_dotprod {

void RmsNorm(const float* x, const float* weight, uint32_t count, float epsilon, float* out) {
  VectorOps<Simd>::RmsNorm(x, weight, count, epsilon, out);
}

void Rope(float* head, uint32_t rotary_dims, const float* cos_sin, bool paired) {
  VectorOps<Simd>::Rope(head, rotary_dims, cos_sin, paired);
}

void SiluMul(const float* gate, const float* up, uint32_t count, float* out) {
  VectorOps<Simd>::SiluMul(gate, up, count, out);
}

void Add(const float* y, uint32_t count, float* x) { VectorOps<Simd>::Add(y, count, x); }

}  // namespace ledge::isa_dotprod
