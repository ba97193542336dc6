#include "executor/native/inputs.h"

namespace ledge {
namespace {

// Where prepared columns go: to all threads, or to one alone.
struct Target {
  float* values;
  ActGroup* groups;
};

void NormColumn(const StepContext& step, const ColumnSource& x, const VectorWeights& weight, InputForms forms,
                uint32_t column, uint32_t normed_at, const Target& target) {
  float* normed = target.values + uint64_t{normed_at} * x.count;
  step.kernels.rms_norm(x.column(column), weight.data, x.count, step.spec.norm_epsilon, normed);
  if (forms.groups) step.kernels.quantize(normed, x.count, target.groups + uint64_t{column} * ActGroups(x.count));
}

bool Private(const StepContext& step, uint32_t columns) { return columns <= kPrivateColumns && !step.unfused(); }

}  // namespace

InputForms FormsFor(std::initializer_list<const PanelMatrix*> readers) {
  InputForms forms;
  for (const PanelMatrix* reader : readers) {
    (ReadsFloats(reader->type) ? forms.values : forms.groups) = true;
  }
  return forms;
}

Activations PrepareNormed(const StepContext& step, Worker& worker, const ColumnSource& x,
                          const VectorWeights& weight, InputForms forms) {
  const ThreadScratch& mine = step.mine(worker);
  const bool alone = Private(step, x.columns);
  const Target target = alone ? Target{mine.normed, mine.groups} : Target{step.scratch.normed, step.scratch.groups};
  if (alone) {
    for (uint32_t column = 0; column < x.columns; ++column) {
      NormColumn(step, x, weight, forms, column, column, target);
    }
  } else {
    WorkRange range;
    while (worker.Take(x.columns, FairChunk(x.columns, worker.threads()), range)) {
      for (uint32_t column = range.begin; column < range.end; ++column) {
        // Floats that nobody reads stay in this core's cache.
        if (forms.values) {
          NormColumn(step, x, weight, forms, column, column, target);
        } else {
          NormColumn(step, x, weight, forms, column, 0, {mine.normed, target.groups});
        }
      }
    }
    worker.EndPhase();
  }
  Activations result;
  if (forms.values) {
    result.values = target.values;
    result.stride = x.count;
  }
  if (forms.groups) result.groups = target.groups;
  return result;
}

Activations PrepareQuantised(const StepContext& step, Worker& worker, const ColumnSource& x, InputForms forms) {
  Activations result;
  if (forms.values) {
    result.values = x.data;
    result.stride = x.stride;
  }
  if (!forms.groups) return result;
  const bool alone = Private(step, x.columns);
  ActGroup* groups = alone ? step.mine(worker).groups : step.scratch.groups;
  const auto quantise = [&](uint32_t column) {
    step.kernels.quantize(x.column(column), x.count, groups + uint64_t{column} * ActGroups(x.count));
  };
  if (alone) {
    for (uint32_t column = 0; column < x.columns; ++column) quantise(column);
  } else {
    WorkRange range;
    while (worker.Take(x.columns, FairChunk(x.columns, worker.threads()), range)) {
      for (uint32_t column = range.begin; column < range.end; ++column) quantise(column);
    }
    worker.EndPhase();
  }
  result.groups = groups;
  return result;
}

}  // namespace ledge
