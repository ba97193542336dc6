// The arithmetic, one table of functions an instruction set, chosen once at run time.
//
// Determinism is part of the contract: every function's result for one column (or row) depends only
// on that column's inputs, never on how many columns are passed together, how panels are split over
// threads, or where buffers lie; and all instruction sets with fused multiply-add give the same
// bits as the scalar reference. So sums run in the order of k within a lane, with std::fma's
// rounding, and integer sums are exact.
//
// Instruction sets without fused multiply-add (SSE 4.1: Atoms, Celerons and whatever is older than
// 2013) round a product before adding it, because imitating the fused operation would cost them
// several times the work. They form a second class with a reference of its own, "unfused": the same
// bits among themselves, the same guarantees, but not the first class's bits. Only the rounding of
// float sums differs; integer sums, quantised activations and stored KV encodings are the same in
// both.
//
// All functions are pure, allocate nothing, and may run on any thread at once on disjoint outputs.
// Sizes are trusted: the model's loader has checked them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "kernels/activation.h"
#include "kernels/kv_page.h"
#include "kernels/matmul_task.h"
#include "kernels/nonlinearity.h"
#include "kernels/ssm_task.h"

namespace ledge {

struct Kernels {
  // On x86-64 "scalar", "unfused", "sse41", "avx2", "avxvnni", "avx512", "avx512vnni"; on arm64
  // "scalar", "neon", "dotprod", "i8mm".
  std::string_view name;
  bool fused;  // multiply-adds are rounded once

  void (*matmul)(const MatmulTask& task);

  // One column of `count` values -> ActGroups(count) groups. 64 values that are all zero (or with a
  // NaN or infinity among them) have scale 0 (NaN) and are stored as zeros.
  void (*quantize)(const float* x, uint32_t count, ActGroup* out);

  // out[i] = x[i] / sqrt(mean(x^2) + epsilon) * weight[i]. `out` may be `x`.
  void (*rms_norm)(const float* x, const float* weight, uint32_t count, float epsilon, float* out);
  // out[i] = (x[i] - mean) / sqrt(mean((x - mean)^2) + epsilon) * weight[i] + bias[i]. `bias` may
  // be null, `out` may be `x`.
  void (*layer_norm)(const float* x, const float* weight, const float* bias, uint32_t count,
                     float epsilon, float* out);

  // Rotates pairs of one head in place. `cos_sin`: rotary_dims / 2 pairs (cos, sin). `paired`:
  // pairs are (2i, 2i+1) as the Llama GGUFs have them, else (i, i + rotary_dims / 2).
  void (*rope)(float* head, uint32_t rotary_dims, const float* cos_sin, bool paired);

  // out[i] = f(gate[i]) * up[i].
  void (*gate)(Nonlinearity f, const float* gate, const float* up, uint32_t count, float* out);
  // x[i] = f(x[i]).
  void (*activate)(Nonlinearity f, uint32_t count, float* x);
  // x[i] += y[i].
  void (*add)(const float* y, uint32_t count, float* x);
  // x[i] += factor * y[i].
  void (*add_scaled)(float factor, const float* y, uint32_t count, float* x);
  // x[i] *= factor.
  void (*scale)(float factor, uint32_t count, float* x);
  // x[i] = cap * tanh(x[i] / cap).
  void (*soft_cap)(float cap, uint32_t count, float* x);
  // x[i] = e^(x[i] - max) / sum of the same; the sum in the order of i.
  void (*softmax)(uint32_t count, float* x);

  // Writes one token's key and value of one KV head into its page slot (0..31). Values beyond f16's
  // range are clamped where the page holds f16, so that a page never holds an infinity.
  void (*store_kv)(const KvHeadPage& page, uint32_t slot, const float* key, const float* value);

  // Attention of a group of columns (queries of all heads that share one KV head, of one sequence)
  // over one span of consecutive pages; see kv_page.h. Partials of spans are merged by merge_spans
  // in span order.
  void (*attend_span)(const AttentionSpan& span);
  void (*merge_spans)(const SpanPartial* partials, uint32_t count, uint32_t head_dim, float* out);

  // The steps of a state space layer (ssm_task.h). Columns cut into several tasks, each going on
  // from the state that the one before left, give the same bits as one task.
  void (*convolve)(const ConvolveTask& task);
  void (*scan)(const ScanTask& task);

  // For measuring what this core can do at most: runs the instructions that the integer products
  // are made of, on registers alone and independent of each other, and returns the int8
  // multiply-adds that it did. 0 for the references, which have none.
  uint64_t (*peak_turns)(uint32_t turns);
};

// The best table this CPU (and its operating system, which must save the registers) can run;
// LEDGE_ISA=<name> in the environment chooses another (a name that is none, or that this CPU cannot
// run, changes nothing).
const Kernels& BestKernels();
// All tables this CPU can run, the scalar reference first, the best one last.
std::span<const Kernels* const> RunnableKernels();
// The table whose bits these give: "scalar" or "unfused".
const Kernels& ReferenceOf(const Kernels& kernels);

}  // namespace ledge
