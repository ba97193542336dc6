// Columns made ready for a matrix product: normalised where asked, quantised where a reader's
// weights are integers.
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
  uint32_t count = 0;  // values of a column
  uint32_t columns = 0;
  std::span<const uint32_t> order = {};  // column i is data's column order[i]; empty: i
  const float* column(uint32_t i) const {
    return data + uint64_t{order.empty() ? i : order[i]} * stride;
  }
};

// A product's input. Few columns are prepared by every thread for itself when it holds its first
// ticket of the product; many are prepared together, in a phase before.
class ProductInput {
 public:
  // x normalised; as it is where the norm is none.
  static ProductInput Normed(const StepContext& step, Worker& worker, const ColumnSource& x,
                             const Norm& norm, InputForms forms);
  // x as it is.
  static ProductInput Plain(const StepContext& step, Worker& worker, const ColumnSource& x,
                            InputForms forms);

  // Only while holding a ticket of the product.
  const Activations& Get() {
    if (!ready_) PrepareAlone();
    return activations_;
  }
  uint32_t columns() const { return x_.columns; }

 private:
  ProductInput(const StepContext& step, Worker& worker, const ColumnSource& x, const Norm& norm,
               InputForms forms);
  void PrepareAlone();
  void PrepareTogether(Worker& worker);
  void PrepareColumn(uint32_t column, float* normed, ActGroup* groups);

  const StepContext& step_;
  const ThreadScratch& mine_;
  ColumnSource x_;
  Norm norm_;
  InputForms forms_;
  bool ready_ = false;
  Activations activations_;
};

}  // namespace ledge
