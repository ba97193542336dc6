#include "executor/native/experts.h"

#include <algorithm>
#include <cstring>

#include "base/checked.h"
#include "executor/native/branches.h"
#include "executor/native/products.h"
#include "executor/native/tiles.h"

namespace ledge {
namespace {

// Matrix `index` of `count` that lie one behind the other; each is whole panels.
PanelMatrix ExpertOf(const PanelMatrix& all, uint32_t count, uint32_t index) {
  const uint32_t rows = all.rows / count;
  return {all.type, rows, all.cols,
          all.data + uint64_t{index} * PanelCount(rows) * all.panel_bytes()};
}

class Mixture {
 public:
  Mixture(const StepContext& step, Worker& worker, const LayerSpec& layer, uint32_t columns)
      : step_(step),
        worker_(worker),
        layer_(layer),
        spec_(layer.experts),
        scratch_(step.scratch.experts),
        columns_(columns),
        rows_(columns * spec_.used) {}

  void Run() {
    if (layer_.dense()) Shared();
    Route();
    Group();
    Hidden();
    Down();
    Combine();
  }

 private:
  const Norm& norm() const { return layer_.feed_forward_norm; }
  uint32_t width() const { return step_.spec.width; }
  ColumnSource Columns() const { return {step_.scratch.x, width(), width(), columns_}; }

  // The shared expert's output, into the branch.
  void Shared() {
    const Scratch& scratch = step_.scratch;
    ProductInput x = ProductInput::Normed(step_, worker_, Columns(), norm(),
                                          FormsFor({&layer_.gate, &layer_.up}));
    MultiplyHidden(step_, worker_, layer_, x, scratch.hidden, scratch.shape.feed_forward);
    ProductInput hidden = ProductInput::Plain(
        step_, worker_, {scratch.hidden, scratch.shape.feed_forward, layer_.feed_forward, columns_},
        FormsFor({&layer_.down}));
    const Product product{&layer_.down, scratch.branch, width()};
    Multiply(step_, worker_, {&product, 1}, hidden);
  }

  void Route() {
    ProductInput x =
        ProductInput::Normed(step_, worker_, Columns(), norm(), FormsFor({&spec_.router}));
    const Product product{&spec_.router, scratch_.router, spec_.count};
    Multiply(step_, worker_, {&product, 1}, x);
    WorkRange range;
    while (worker_.Take(columns_, FairChunk(columns_, worker_.threads()), range)) {
      for (uint32_t column = range.begin; column < range.end; ++column) {
        const uint64_t at = uint64_t{column} * spec_.used;
        ChooseExperts(step_.kernels, spec_, scratch_.router + uint64_t{column} * spec_.count,
                      scratch_.chosen + at, scratch_.weights + at);
      }
    }
    worker_.EndPhase(columns_);
  }

  // Sorts the pairs of column and expert by expert. One thread does it; how many experts have rows
  // is then read under tickets only, since a late thread may come by when it is another layer's.
  void Group() {
    WorkRange range;
    while (worker_.Take(1, 1, range)) {
      std::fill_n(scratch_.count, spec_.count, 0U);
      for (uint32_t i = 0; i < rows_; ++i) ++scratch_.count[scratch_.chosen[i]];
      uint32_t active = 0;
      uint32_t begin = 0;
      for (uint32_t expert = 0; expert < spec_.count; ++expert) {
        const uint32_t count = scratch_.count[expert];
        scratch_.count[expert] = begin;  // from here on: the next free row
        if (count != 0) scratch_.active[active++] = {expert, begin, begin + count};
        begin += count;
      }
      *scratch_.active_count = active;
      for (uint32_t slot = 0; slot < active; ++slot) AskFor(scratch_.active[slot].expert);
      for (uint32_t i = 0; i < rows_; ++i) {
        const uint32_t row = scratch_.count[scratch_.chosen[i]]++;
        scratch_.row[i] = row;
        scratch_.column_of[row] = i / spec_.used;
      }
    }
    worker_.EndPhase(1);
  }

  // Weights that don't all stay in memory: the system reads what was chosen all at once, while the
  // first is computed, instead of page by page as it is met.
  void AskFor(uint32_t expert) const {
    if (step_.experts == nullptr) return;
    for (const PanelMatrix* all : {&spec_.gate, &spec_.up, &spec_.down}) {
      const PanelMatrix one = ExpertOf(*all, spec_.count, expert);
      step_.experts->Advise(static_cast<uint64_t>(one.data - step_.experts->bytes().data()),
                            PanelCount(one.rows) * one.panel_bytes(), Mapping::Advice::kWillNeed);
    }
  }

  // Where this thread's next ticket of a phase begins to read.
  struct Ahead {
    uint32_t expert = 0;
    uint32_t panel = UINT32_MAX;  // of its matrices; out of range: nowhere known
  };
  const std::byte* PanelOf(const PanelMatrix& all, Ahead ahead) const {
    const PanelMatrix one = ExpertOf(all, spec_.count, ahead.expert);
    return ahead.panel < PanelCount(one.rows) ? one.data + ahead.panel * one.panel_bytes()
                                              : nullptr;
  }

  // Of `slots` slots, the active experts before `slot`: they are spread evenly, so that all
  // threads' shares have as many.
  uint32_t ActiveBefore(uint32_t slot, uint32_t slots) const {
    return static_cast<uint32_t>(uint64_t{slot} * *scratch_.active_count / slots);
  }

  // Calls fn(active expert, its panels, what follows) for the tickets of one phase. `rows`,
  // `bytes`: of one expert's matrix, and of a panel of all matrices together. There are tickets
  // enough without cutting an expert into small ones.
  template <typename F>
  void ForExperts(uint32_t rows, uint64_t bytes, F&& fn) {
    const uint32_t most = std::min(spec_.count, rows_);
    const uint32_t panels = PanelCount(rows);
    Tiling tiling = PlanTiling(panels * most, bytes, 1, worker_.threads());
    tiling.panels = panels;
    tiling.tiles = static_cast<uint32_t>(CeilDiv(panels, tiling.tile_panels));
    const uint32_t items = most * tiling.tiles;
    WorkRange range;
    while (worker_.Take(items, 1, range)) {
      const uint32_t slot = range.begin / tiling.tiles;
      const uint32_t at = ActiveBefore(slot, most);
      if (at == ActiveBefore(slot + 1, most)) continue;
      const uint32_t tile = range.begin % tiling.tiles;
      const bool last = tile + 1 == tiling.tiles;
      Ahead ahead;
      if (worker_.GoesOn(items, range) && at + last < *scratch_.active_count)
        ahead = {scratch_.active[at + last].expert, last ? 0 : tiling.panel_end(tile)};
      fn(scratch_.active[at], WorkRange{tiling.panel_begin(tile), tiling.panel_end(tile)}, ahead);
    }
    worker_.EndPhase(items);
  }

  void Hidden() {
    ColumnSource source{step_.scratch.x, width(), width(), rows_};
    source.order = {scratch_.column_of, rows_};
    ProductInput x =
        ProductInput::Normed(step_, worker_, source, norm(), FormsFor({&spec_.gate, &spec_.up}));
    const ThreadScratch& mine = step_.mine(worker_);
    const uint64_t bytes = spec_.gate.panel_bytes() + spec_.up.panel_bytes();
    const bool prefetch = step_.scratch.shape.prefetch;
    ForExperts(
        spec_.feed_forward, bytes,
        [&](ExpertScratch::Active active, WorkRange panels, Ahead ahead) {
          const PanelMatrix gate = ExpertOf(spec_.gate, spec_.count, active.expert);
          const PanelMatrix up = ExpertOf(spec_.up, spec_.count, active.expert);
          const uint32_t first = panels.begin * kPanelRows;
          const uint32_t count = std::min(panels.end * kPanelRows, gate.rows) - first;
          for (uint32_t row = active.begin; row < active.end;) {
            const uint32_t rows = std::min(active.end - row, kMaxTileColumns);
            const Activations part = FromColumn(x.Get(), row, gate.cols);
            const PanelMatrix up_part = SubMatrix(up, panels.begin, panels.end);
            step_.kernels.matmul({SubMatrix(gate, panels.begin, panels.end), 0,
                                  panels.end - panels.begin, part, rows, mine.tile_a, kMaxTileRows,
                                  up_part.data, prefetch});
            step_.kernels.matmul({up_part, 0, panels.end - panels.begin, part, rows, mine.tile_b,
                                  kMaxTileRows, PanelOf(spec_.gate, ahead), prefetch});
            for (uint32_t i = 0; i < rows; ++i, ++row) {
              float* g = mine.tile_a + uint64_t{i} * kMaxTileRows;
              float* u = mine.tile_b + uint64_t{i} * kMaxTileRows;
              const uint64_t at = uint64_t{active.expert} * gate.rows + first;
              if (spec_.gate_bias) step_.kernels.add(spec_.gate_bias.data + at, count, g);
              if (spec_.up_bias) step_.kernels.add(spec_.up_bias.data + at, count, u);
              step_.kernels.gate(layer_.activation, g, u, count,
                                 scratch_.hidden + uint64_t{row} * spec_.feed_forward + first);
            }
          }
        });
  }

  void Down() {
    ProductInput hidden = ProductInput::Plain(
        step_, worker_, {scratch_.hidden, spec_.feed_forward, spec_.feed_forward, rows_},
        FormsFor({&spec_.down}));
    ForExperts(width(), spec_.down.panel_bytes(),
               [&](ExpertScratch::Active active, WorkRange panels, Ahead ahead) {
                 const PanelMatrix down = ExpertOf(spec_.down, spec_.count, active.expert);
                 step_.kernels.matmul({down, panels.begin, panels.end,
                                       FromColumn(hidden.Get(), active.begin, down.cols),
                                       active.end - active.begin,
                                       scratch_.out + uint64_t{active.begin} * width(), width(),
                                       PanelOf(spec_.down, ahead), step_.scratch.shape.prefetch});
               });
  }

  void Combine() {
    WorkRange range;
    while (worker_.Take(columns_, 1, range)) {
      const uint32_t column = range.begin;
      float* x = step_.scratch.x + uint64_t{column} * width();
      float* branch = step_.scratch.branch + uint64_t{column} * width();
      if (layer_.dense()) {
        if (layer_.down_bias) step_.kernels.add(layer_.down_bias.data, width(), branch);
        if (spec_.shared_gate) step_.kernels.scale(SharedGate(x), width(), branch);
      } else {
        std::fill_n(branch, width(), 0.0F);
      }
      for (uint32_t i = column * spec_.used; i < (column + 1) * spec_.used; ++i) {
        float* out = scratch_.out + uint64_t{scratch_.row[i]} * width();
        if (spec_.down_bias) {
          step_.kernels.add(spec_.down_bias.data + uint64_t{scratch_.chosen[i]} * width(), width(),
                            out);
        }
        step_.kernels.add_scaled(scratch_.weights[i], out, width(), branch);
      }
      AddBranch(step_, layer_.feed_forward_post_norm, layer_.feed_forward_sum_norm, branch, x);
    }
    worker_.EndPhase(columns_);
  }

  // sigmoid(w.x) of the normalised column; the sum in double, in order.
  float SharedGate(const float* x) const {
    float* normed = step_.mine(worker_).normed;
    Normalise(step_, norm(), x, width(), normed);
    double sum = 0;
    for (uint32_t i = 0; i < width(); ++i)
      sum += double{normed[i]} * double{spec_.shared_gate.data[i]};
    float gate = static_cast<float>(sum);
    step_.kernels.activate(Nonlinearity::kSigmoid, 1, &gate);
    return gate;
  }

  const StepContext& step_;
  Worker& worker_;
  const LayerSpec& layer_;
  const ExpertsSpec& spec_;
  const ExpertScratch& scratch_;
  uint32_t columns_;
  uint32_t rows_;
};

}  // namespace

void ChooseExperts(const Kernels& kernels, const ExpertsSpec& experts, float* router,
                   uint32_t* chosen, float* weights) {
  const uint32_t count = experts.count;
  if (experts.router_bias) kernels.add(experts.router_bias.data, count, router);
  if (experts.gating == ExpertGating::kSoftmax) kernels.softmax(count, router);
  if (experts.gating == ExpertGating::kSigmoid)
    kernels.activate(Nonlinearity::kSigmoid, count, router);
  const auto rank = [&](uint32_t i) {
    return experts.choice_bias ? router[i] + experts.choice_bias.data[i] : router[i];
  };
  for (uint32_t slot = 0; slot < experts.used; ++slot) {
    uint32_t best = count;
    for (uint32_t i = 0; i < count; ++i) {
      const bool taken = std::find(chosen, chosen + slot, i) != chosen + slot;
      if (!taken && (best == count || rank(i) > rank(best))) best = i;
    }
    chosen[slot] = best;
    weights[slot] = router[best];
  }
  if (experts.gating == ExpertGating::kSoftmaxOfChosen) kernels.softmax(experts.used, weights);
  if (experts.renormalise) {
    float sum = 0;
    for (uint32_t slot = 0; slot < experts.used; ++slot) sum = sum + weights[slot];
    // As published implementations have it, so that no weight becomes infinite.
    sum = std::max(sum, 6.103515625e-5F);
    for (uint32_t slot = 0; slot < experts.used; ++slot) weights[slot] = weights[slot] / sum;
  }
  if (experts.scale != 1) kernels.scale(experts.scale, experts.used, weights);
}

void AddExperts(const StepContext& step, Worker& worker, const LayerSpec& layer, uint32_t columns) {
  Mixture(step, worker, layer, columns).Run();
}

}  // namespace ledge
