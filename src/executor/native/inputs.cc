#include "executor/native/inputs.h"

#include <algorithm>

#include "kernels/panel.h"

namespace ledge {

InputForms FormsFor(std::initializer_list<const PanelMatrix*> readers) {
  InputForms forms;
  for (const PanelMatrix* reader : readers) {
    (ReadsFloats(reader->type) ? forms.values : forms.groups) = true;
  }
  return forms;
}

ProductInput::ProductInput(const StepContext& step, Worker& worker, const ColumnSource& x,
                           const Norm& norm, InputForms forms)
    : step_(step), mine_(step.mine(worker)), x_(x), norm_(norm), forms_(forms) {
  const bool alone = x.columns <= kPrivateColumns && step.fusions().norm;
  if (!norm_ && x.order.empty()) {
    activations_.values = forms.values ? x.data : nullptr;
    activations_.stride = x.stride;
    ready_ = !forms.groups;
  } else if (forms.values) {
    activations_.values = alone ? mine_.normed : step.scratch.normed;
    activations_.stride = x.count;
  }
  if (forms.groups) activations_.groups = alone ? mine_.groups : step.scratch.groups;
  if (!ready_ && !alone) PrepareTogether(worker);
}

ProductInput ProductInput::Normed(const StepContext& step, Worker& worker, const ColumnSource& x,
                                  const Norm& norm, InputForms forms) {
  return ProductInput(step, worker, x, norm, forms);
}

ProductInput ProductInput::Plain(const StepContext& step, Worker& worker, const ColumnSource& x,
                                 InputForms forms) {
  return ProductInput(step, worker, x, {}, forms);
}

void ProductInput::PrepareColumn(uint32_t column, float* normed, ActGroup* groups) {
  const float* values = x_.column(column);
  if (norm_) {
    Normalise(step_, norm_, values, x_.count, normed);
    values = normed;
  } else if (forms_.values) {
    std::copy_n(values, x_.count, normed);
  }
  if (forms_.groups)
    step_.kernels.quantize(values, x_.count, groups + uint64_t{column} * ActGroups(x_.count));
}

void ProductInput::PrepareAlone() {
  for (uint32_t column = 0; column < x_.columns; ++column) {
    float* normed = norm_ || forms_.values ? mine_.normed + uint64_t{column} * x_.count : nullptr;
    PrepareColumn(column, normed, mine_.groups);
  }
  ready_ = true;
}

void ProductInput::PrepareTogether(Worker& worker) {
  WorkRange range;
  while (worker.Take(x_.columns, FairChunk(x_.columns, worker.threads()), range)) {
    for (uint32_t column = range.begin; column < range.end; ++column) {
      // Normalised floats that nobody reads stay in this core's cache.
      float* normed =
          forms_.values ? step_.scratch.normed + uint64_t{column} * x_.count : mine_.normed;
      PrepareColumn(column, normed, step_.scratch.groups);
    }
  }
  worker.EndPhase(x_.columns);
  ready_ = true;
}

}  // namespace ledge
