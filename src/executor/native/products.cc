#include "executor/native/products.h"

#include <algorithm>

#include "base/checked.h"
#include "executor/native/tiles.h"

namespace ledge {
namespace {

// One phase: calls fn(tile's panels, its columns, first panel of this thread's next tile or none)
// for every tile this thread gets.
inline constexpr uint32_t kNoPanel = UINT32_MAX;
template <typename F>
void ForTiles(Worker& worker, const Tiling& tiling, F&& fn) {
  WorkRange range;
  while (worker.Take(tiling.tiles, 1, range)) {
    const uint32_t tile = range.begin;
    fn(WorkRange{tiling.panel_begin(tile), tiling.panel_end(tile)},
       WorkRange{tiling.column_begin(tile), tiling.column_end(tile)},
       worker.GoesOn(tiling.tiles, range) ? tiling.panel_begin(tile + 1) : kNoPanel);
  }
  worker.EndPhase(tiling.tiles);
}

// Where panel `panel` of `w` is; null for kNoPanel or one that `w` has not got.
const std::byte* PanelAt(const PanelMatrix& w, uint32_t panel) {
  return panel < PanelCount(w.rows) ? w.data + panel * w.panel_bytes() : nullptr;
}

// Rows of `w` in a range of panels.
WorkRange Rows(const PanelMatrix& w, WorkRange panels) {
  return {panels.begin * kPanelRows, std::min(panels.end * kPanelRows, w.rows)};
}

// One column's share of what follows a product.
void AddColumn(const StepContext& step, const VectorWeights& bias, WorkRange rows, float* product,
               float* residual) {
  const uint32_t count = rows.end - rows.begin;
  if (bias) step.kernels.add(bias.data + rows.begin, count, product);
  step.kernels.add(product, count, residual + rows.begin);
}

// Panels of `w` that belong to one of `heads` heads; 0 where its rows are no whole panels.
uint32_t PanelsOfHead(const PanelMatrix& w, uint32_t heads) {
  const uint32_t rows = w.rows / heads;
  return rows * heads == w.rows && rows % kPanelRows == 0 ? rows / kPanelRows : 0;
}

uint32_t ColumnTiles(uint32_t columns) {
  return static_cast<uint32_t>(CeilDiv(columns, kMaxTileColumns));
}

// What follows the products of a gated block, rows [begin, end) of one column.
void FinishGated(const StepContext& step, const LayerSpec& layer, WorkRange rows, float* gate,
                 float* up, float* hidden) {
  const uint32_t count = rows.end - rows.begin;
  if (layer.gate_bias) step.kernels.add(layer.gate_bias.data + rows.begin, count, gate);
  if (layer.up_bias) step.kernels.add(layer.up_bias.data + rows.begin, count, up);
  step.kernels.gate(layer.activation, gate, up, count, hidden);
}

void MultiplyActivated(const StepContext& step, Worker& worker, const LayerSpec& layer,
                       ProductInput& x, float* hidden, size_t stride) {
  const PanelMatrix& up = layer.up;
  const Tiling tiling =
      PlanTiling(PanelCount(up.rows), up.panel_bytes(), x.columns(), worker.threads());
  ForTiles(worker, tiling, [&](WorkRange panels, WorkRange tile_columns, uint32_t next) {
    float* y = hidden + tile_columns.begin * stride;
    const uint32_t columns = tile_columns.end - tile_columns.begin;
    step.kernels.matmul({up, panels.begin, panels.end,
                         FromColumn(x.Get(), tile_columns.begin, up.cols), columns, y, stride,
                         PanelAt(up, next), step.scratch.shape.prefetch});
    const WorkRange rows = Rows(up, panels);
    const uint32_t count = rows.end - rows.begin;
    for (uint32_t column = 0; column < columns; ++column) {
      float* part = y + column * stride + rows.begin;
      if (layer.up_bias) step.kernels.add(layer.up_bias.data + rows.begin, count, part);
      step.kernels.activate(layer.activation, count, part);
    }
  });
}

}  // namespace

Activations FromColumn(const Activations& x, uint32_t begin, uint32_t cols) {
  Activations part = x;
  if (part.values != nullptr) part.values += begin * x.stride;
  if (part.groups != nullptr) part.groups += uint64_t{begin} * ActGroups(cols);
  return part;
}

bool HeadsMakeTickets(std::span<const Product> products, uint32_t heads, uint32_t columns,
                      int threads) {
  for (const Product& product : products) {
    if (PanelsOfHead(*product.w, heads) == 0) return false;
  }
  const uint64_t tickets = uint64_t{heads} * ColumnTiles(columns);
  const auto all = static_cast<uint64_t>(threads);
  return tickets % all == 0 || tickets >= 8 * all;
}

void MultiplyHeads(const StepContext& step, Worker& worker, std::span<const Product> products,
                   uint32_t heads, ProductInput& x, FinishHeadFunction finish,
                   const LayerSpec& layer) {
  const uint32_t tiles = ColumnTiles(x.columns());
  const auto tile_columns = static_cast<uint32_t>(CeilDiv(x.columns(), tiles));
  const uint32_t items = heads * tiles;
  WorkRange range;
  while (worker.Take(items, 1, range)) {
    const uint32_t head = range.begin / tiles;
    const uint32_t begin = range.begin % tiles * tile_columns;
    const uint32_t count = std::min(tile_columns, x.columns() - begin);
    const uint32_t next_head = (range.begin + 1) / tiles;
    for (size_t i = 0; i < products.size(); ++i) {
      const Product& product = products[i];
      const uint32_t panels = PanelsOfHead(*product.w, heads);
      const std::byte* next = nullptr;
      if (i + 1 < products.size()) {
        const PanelMatrix& after = *products[i + 1].w;
        next = PanelAt(after, head * PanelsOfHead(after, heads));
      } else if (worker.GoesOn(items, range)) {
        const PanelMatrix& after = *products[0].w;
        next = PanelAt(after, next_head * PanelsOfHead(after, heads));
      }
      step.kernels.matmul({*product.w, head * panels, (head + 1) * panels,
                           FromColumn(x.Get(), begin, product.w->cols), count,
                           product.y + begin * product.stride, product.stride, next,
                           step.scratch.shape.prefetch});
    }
    for (uint32_t column = begin; column < begin + count; ++column)
      finish(step, layer, column, head);
  }
  worker.EndPhase(items);
}

void Multiply(const StepContext& step, Worker& worker, std::span<const Product> products,
              ProductInput& x) {
  uint32_t panels = 0;
  uint64_t panel_bytes = 0;
  for (const Product& product : products) {
    panels += PanelCount(product.w->rows);
    panel_bytes = std::max(panel_bytes, product.w->panel_bytes());
  }
  const Tiling tiling = PlanTiling(panels, panel_bytes, x.columns(), worker.threads());
  ForTiles(worker, tiling, [&](WorkRange tile_panels, WorkRange tile_columns, uint32_t next) {
    uint32_t first = 0;  // of this product's panels among all
    for (const Product& product : products) {
      const uint32_t count = PanelCount(product.w->rows);
      const uint32_t begin = std::max(tile_panels.begin, first);
      const uint32_t end = std::min(tile_panels.end, first + count);
      if (begin < end) {
        step.kernels.matmul({*product.w, begin - first, end - first,
                             FromColumn(x.Get(), tile_columns.begin, product.w->cols),
                             tile_columns.end - tile_columns.begin,
                             product.y + tile_columns.begin * product.stride, product.stride,
                             next == kNoPanel ? nullptr : PanelAt(*product.w, next - first),
                             step.scratch.shape.prefetch});
      }
      first += count;
    }
  });
}

void MultiplyAdd(const StepContext& step, Worker& worker, const PanelMatrix& w,
                 const VectorWeights& bias, ProductInput& x, float* residual, size_t stride) {
  const uint32_t columns = x.columns();
  if (!step.fusions().residual) {
    const Product product{&w, step.scratch.plain_a, w.rows};
    Multiply(step, worker, {&product, 1}, x);
    WorkRange range;
    while (worker.Take(columns, 1, range)) {
      AddColumn(step, bias, {0, w.rows}, product.y + range.begin * product.stride,
                residual + range.begin * stride);
    }
    worker.EndPhase(columns);
    return;
  }
  const Tiling tiling = PlanTiling(PanelCount(w.rows), w.panel_bytes(), columns, worker.threads());
  float* product = step.mine(worker).tile_a;
  ForTiles(worker, tiling, [&](WorkRange panels, WorkRange tile_columns, uint32_t next) {
    const PanelMatrix part = SubMatrix(w, panels.begin, panels.end);
    const uint32_t count = tile_columns.end - tile_columns.begin;
    step.kernels.matmul({part, 0, panels.end - panels.begin,
                         FromColumn(x.Get(), tile_columns.begin, w.cols), count, product,
                         kMaxTileRows, PanelAt(w, next), step.scratch.shape.prefetch});
    for (uint32_t column = 0; column < count; ++column) {
      AddColumn(step, bias, Rows(w, panels), product + uint64_t{column} * kMaxTileRows,
                residual + (tile_columns.begin + column) * stride);
    }
  });
}

void MultiplyHidden(const StepContext& step, Worker& worker, const LayerSpec& layer,
                    ProductInput& x, float* hidden, size_t stride) {
  if (!layer.gated()) {
    MultiplyActivated(step, worker, layer, x, hidden, stride);
    return;
  }
  const PanelMatrix& gate = layer.gate;
  const PanelMatrix& up = layer.up;
  const uint32_t columns = x.columns();
  if (!step.fusions().gated) {
    const Product products[] = {{&gate, step.scratch.plain_a, gate.rows},
                                {&up, step.scratch.plain_b, up.rows}};
    Multiply(step, worker, products, x);
    WorkRange range;
    while (worker.Take(columns, 1, range)) {
      FinishGated(step, layer, {0, gate.rows}, products[0].y + range.begin * products[0].stride,
                  products[1].y + range.begin * products[1].stride, hidden + range.begin * stride);
    }
    worker.EndPhase(columns);
    return;
  }
  const Tiling tiling = PlanTiling(PanelCount(gate.rows), gate.panel_bytes() + up.panel_bytes(),
                                   columns, worker.threads());
  const ThreadScratch& mine = step.mine(worker);
  ForTiles(worker, tiling, [&](WorkRange panels, WorkRange tile_columns, uint32_t next) {
    const uint32_t panel_count = panels.end - panels.begin;
    const uint32_t count = tile_columns.end - tile_columns.begin;
    const Activations part = FromColumn(x.Get(), tile_columns.begin, gate.cols);
    step.kernels.matmul({SubMatrix(gate, panels.begin, panels.end), 0, panel_count, part, count,
                         mine.tile_a, kMaxTileRows, PanelAt(up, panels.begin),
                         step.scratch.shape.prefetch});
    step.kernels.matmul({SubMatrix(up, panels.begin, panels.end), 0, panel_count, part, count,
                         mine.tile_b, kMaxTileRows, PanelAt(gate, next),
                         step.scratch.shape.prefetch});
    const WorkRange rows = Rows(gate, panels);
    for (uint32_t column = 0; column < count; ++column) {
      const uint64_t at = uint64_t{column} * kMaxTileRows;
      FinishGated(step, layer, rows, mine.tile_a + at, mine.tile_b + at,
                  hidden + (tile_columns.begin + column) * stride + rows.begin);
    }
  });
}

}  // namespace ledge
