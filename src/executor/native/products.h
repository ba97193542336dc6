// Matrix products of a step, shared out in tiles. Each ends its phases.
#pragma once

#include <initializer_list>
#include <span>

#include "executor/native/inputs.h"
#include "executor/native/step_context.h"

namespace ledge {

struct Product {
  const PanelMatrix* w = nullptr;
  float* y = nullptr;
  size_t stride = 0;
};

// y = w x for each product; all have the same number of columns in w, and share the tickets.
void Multiply(const StepContext& step, Worker& worker, std::span<const Product> products,
              ProductInput& x);

// residual += w x + bias.
void MultiplyAdd(const StepContext& step, Worker& worker, const PanelMatrix& w,
                 const VectorWeights& bias, ProductInput& x, float* residual, size_t stride);

// hidden = silu(gate x) * (up x).
void MultiplyGated(const StepContext& step, Worker& worker, const PanelMatrix& gate,
                   const PanelMatrix& up, ProductInput& x, float* hidden, size_t stride);

}  // namespace ledge
