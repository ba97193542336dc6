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

void LayerNorm(const float* x, const float* weight, const float* bias, uint32_t count,
               float epsilon, float* out) {
  VectorOps<Simd>::LayerNorm(x, weight, bias, count, epsilon, out);
}

void Gate(Nonlinearity f, const float* gate, const float* up, uint32_t count, float* out) {
  VectorOps<Simd>::Gate(f, gate, up, count, out);
}

void Activate(Nonlinearity f, uint32_t count, float* x) { VectorOps<Simd>::Activate(f, count, x); }

void Add(const float* y, uint32_t count, float* x) { VectorOps<Simd>::Add(y, count, x); }

void AddScaled(float factor, const float* y, uint32_t count, float* x) {
  VectorOps<Simd>::AddScaled(factor, y, count, x);
}

void Scale(float factor, uint32_t count, float* x) { VectorOps<Simd>::Scale(factor, count, x); }

void SoftCap(float cap, uint32_t count, float* x) { VectorOps<Simd>::SoftCap(cap, count, x); }

void Softmax(uint32_t count, float* x) { VectorOps<Simd>::Softmax(count, x); }

}  // namespace ledge::isa_dotprod
