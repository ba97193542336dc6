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

// The same where the rows of all products belong to `heads` KV heads: a ticket is all rows of one
// of them by some columns, and ends with finish(column, head) of each. Only where heads are whole
// panels and there are enough of them (or an even number a thread): HeadsMakeTickets.
using FinishHeadFunction = void (*)(const StepContext& step, const LayerSpec& layer,
                                    uint32_t column, uint32_t kv_head);
bool HeadsMakeTickets(std::span<const Product> products, uint32_t heads, uint32_t columns,
                      int threads);
void MultiplyHeads(const StepContext& step, Worker& worker, std::span<const Product> products,
                   uint32_t heads, ProductInput& x, FinishHeadFunction finish,
                   const LayerSpec& layer);

// residual += w x + bias.
void MultiplyAdd(const StepContext& step, Worker& worker, const PanelMatrix& w,
                 const VectorWeights& bias, ProductInput& x, float* residual, size_t stride);

// hidden = f(gate x) * (up x), or f(up x) where the layer has no gate; with their biases.
void MultiplyHidden(const StepContext& step, Worker& worker, const LayerSpec& layer,
                    ProductInput& x, float* hidden, size_t stride);

// Column `begin` of the activations of `cols` values as the first.
Activations FromColumn(const Activations& x, uint32_t begin, uint32_t cols);

}  // namespace ledge
