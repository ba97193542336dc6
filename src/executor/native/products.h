// Matrix products of a step, shared out in tiles. Each ends with a barrier.
#pragma once

#include <initializer_list>
#include <span>

#include "executor/native/step_context.h"

namespace ledge {

struct Product {
  const PanelMatrix* w = nullptr;
  float* y = nullptr;
  size_t stride = 0;
};

// y = w x for each product; all have the same number of columns in w, and share the tickets.
void Multiply(const StepContext& step, Worker& worker, std::span<const Product> products, const Activations& x,
              uint32_t columns);

// residual += w x + bias.
void MultiplyAdd(const StepContext& step, Worker& worker, const PanelMatrix& w, const VectorWeights& bias,
                 const Activations& x, uint32_t columns, float* residual, size_t stride);

// hidden = silu(gate x) * (up x).
void MultiplyGated(const StepContext& step, Worker& worker, const PanelMatrix& gate, const PanelMatrix& up,
                   const Activations& x, uint32_t columns, float* hidden, size_t stride);

}  // namespace ledge
