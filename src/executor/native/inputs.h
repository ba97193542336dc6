// Columns made ready for a matrix product: normalised where asked, quantised where a reader's weights are
// integers.
#pragma once

#include <initializer_list>
#include <span>

#include "executor/native/step_context.h"

namespace ledge {

struct InputForms {
  bool values = false;
  bool groups = false;
};
// The forms that these matrices read.
InputForms FormsFor(std::initializer_list<const PanelMatrix*> readers);

struct ColumnSource {
  const float* data = nullptr;
  uint32_t stride = 0;
  uint32_t count = 0;              // values of a column
  uint32_t columns = 0;
  std::span<const uint32_t> order = {};  // column i is data's column order[i]; empty: i
  const float* column(uint32_t i) const { return data + uint64_t{order.empty() ? i : order[i]} * stride; }
};

// What is returned is complete when the call returns; it stays until the next Prepare call.
Activations PrepareNormed(const StepContext& step, Worker& worker, const ColumnSource& x,
                          const VectorWeights& weight, InputForms forms);
// `x` without an order.
Activations PrepareQuantised(const StepContext& step, Worker& worker, const ColumnSource& x, InputForms forms);

}  // namespace ledge
