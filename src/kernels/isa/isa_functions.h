// What each instruction set's folder defines: the functions of `Kernels` (kernels.h says what they
// do), in namespace isa_<name>. dispatch.cc, which is compiled for any CPU, makes the tables.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/activation.h"
#include "kernels/kv_page.h"
#include "kernels/matmul_task.h"
#include "kernels/nonlinearity.h"
#include "kernels/ssm_task.h"

// A macro because the lists must not differ and namespaces cannot be parameters.
#define LEDGE_DECLARE_ISA_FUNCTIONS(isa)                                                        \
  namespace ledge::isa {                                                                        \
  void Matmul(const MatmulTask& task);                                                          \
  void Quantize(const float* x, uint32_t count, ActGroup* out);                                 \
  void RmsNorm(const float* x, const float* weight, uint32_t count, float epsilon, float* out); \
  void Rope(float* head, uint32_t rotary_dims, const float* cos_sin, bool paired);              \
  void LayerNorm(const float* x, const float* weight, const float* bias, uint32_t count,        \
                 float epsilon, float* out);                                                    \
  void Gate(Nonlinearity f, const float* gate, const float* up, uint32_t count, float* out);    \
  void Activate(Nonlinearity f, uint32_t count, float* x);                                      \
  void Add(const float* y, uint32_t count, float* x);                                           \
  void AddScaled(float factor, const float* y, uint32_t count, float* x);                       \
  void Scale(float factor, uint32_t count, float* x);                                           \
  void SoftCap(float cap, uint32_t count, float* x);                                            \
  void Softmax(uint32_t count, float* x);                                                       \
  void StoreKv(const KvHeadPage& page, uint32_t slot, const float* key, const float* value);    \
  void AttendSpan(const AttentionSpan& span);                                                   \
  void MergeSpans(const SpanPartial* partials, uint32_t count, uint32_t head_dim, float* out);  \
  void Convolve(const ConvolveTask& task);                                                      \
  void Scan(const ScanTask& task);                                                              \
  uint64_t PeakTurns(uint32_t turns);                                                           \
  }

LEDGE_DECLARE_ISA_FUNCTIONS(isa_scalar)
LEDGE_DECLARE_ISA_FUNCTIONS(isa_unfused)
LEDGE_DECLARE_ISA_FUNCTIONS(isa_sse41)
LEDGE_DECLARE_ISA_FUNCTIONS(isa_avx2)
LEDGE_DECLARE_ISA_FUNCTIONS(isa_avxvnni)
LEDGE_DECLARE_ISA_FUNCTIONS(isa_avx512)
LEDGE_DECLARE_ISA_FUNCTIONS(isa_avx512vnni)
LEDGE_DECLARE_ISA_FUNCTIONS(isa_neon)
LEDGE_DECLARE_ISA_FUNCTIONS(isa_dotprod)
LEDGE_DECLARE_ISA_FUNCTIONS(isa_i8mm)

#undef LEDGE_DECLARE_ISA_FUNCTIONS
