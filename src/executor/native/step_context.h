// What all threads of a step read.
#pragma once

#include <cstring>

#include "executor/native/crew.h"
#include "executor/native/scratch.h"
#include "executor/native/step_plan.h"
#include "kernels/kernels.h"
#include "model/model_spec.h"
#include "os/os.h"

namespace ledge {

struct StepContext {
  const ModelSpec& spec;
  std::span<const LayerGroupShape> groups;
  const Kernels& kernels;
  const Scratch& scratch;
  const StepPlan& plan;
  Mapping* experts = nullptr;  // where chosen experts are asked for before they are read
  Batch::Output output = Batch::Output::kLogits;
  float* rows = nullptr;  // the step's result

  const ThreadScratch& mine(const Worker& worker) const {
    return scratch.threads[static_cast<size_t>(worker.thread())];
  }
  const Fusions& fusions() const { return scratch.shape.fusions; }
};

// out = the norm of x, which may be `out`.
inline void Normalise(const StepContext& step, const Norm& norm, const float* x, uint32_t count,
                      float* out) {
  if (norm.kind == NormKind::kLayer) {
    step.kernels.layer_norm(x, norm.weight.data, norm.bias.data, count, step.spec.norm_epsilon,
                            out);
  } else {
    step.kernels.rms_norm(x, norm.weight.data, count, step.spec.norm_epsilon, out);
  }
}
// From the last layer on only wanted columns matter: they move to the front.
inline void GatherWanted(const StepContext& step) {
  const uint64_t width = step.spec.width;
  float* x = step.scratch.x;
  const auto wanted = step.plan.wanted();
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] != i) std::memcpy(x + i * width, x + wanted[i] * width, width * sizeof(float));
  }
}
inline const LayerGroupShape& GroupOf(const StepContext& step, const LayerSpec& layer) {
  return step.groups[layer.cache_group];
}
// False for a page that a sliding window left behind; `page` is the index in the sequence's table.
inline bool HasKvPart(const SequenceState& state, const LayerSpec& layer, uint32_t page) {
  return static_cast<bool>(state.pages(layer.cache_group)[page]);
}
// One (layer, KV head) of one page of a sequence.
inline std::byte* KvPart(const StepContext& step, const SequenceState& state,
                         const LayerSpec& layer, uint32_t kv_head, uint32_t page) {
  return state.pages(layer.cache_group)[page].data() +
         GroupOf(step, layer).head_offset(layer.cache_layer, kv_head);
}

}  // namespace ledge
