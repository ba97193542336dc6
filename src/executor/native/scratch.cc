#include "executor/native/scratch.h"

#include <algorithm>

#include "base/checked.h"
#include "executor/native/tiles.h"
#include "kernels/kv_page.h"
#include "kernels/panel.h"

namespace ledge {
namespace {

constexpr uint64_t kCacheLine = 64;
// A thread's attention partials: enough for a block of rows over this many spans...
constexpr uint64_t kComfortableSpans = 16;
// ... and those of a step whose sequences share pages: for one column each of so many of them.
constexpr uint32_t kComfortableSequences = 16;

// Hands out aligned pieces of one block of memory; first run without memory to learn the size.
class Carver {
 public:
  explicit Carver(std::byte* base) : base_(base) {}

  template <typename T>
  void Carve(T*& out, uint64_t count) {
    if (base_ != nullptr) out = reinterpret_cast<T*>(base_ + used_);
    used_ += AlignUp(count * sizeof(T), kCacheLine);
  }
  // What belongs to different threads is kept a page apart from prefetchers.
  void NextThread() { used_ = AlignUp(used_, 4096); }
  uint64_t used() const { return used_; }

 private:
  std::byte* base_;
  uint64_t used_ = 0;
};

void CarveThread(const ScratchShape& shape, Carver& carver, ThreadScratch& out) {
  carver.NextThread();
  carver.Carve(out.tile_a, uint64_t{kMaxTileRows} * kMaxTileColumns);
  carver.Carve(out.tile_b, uint64_t{kMaxTileRows} * kMaxTileColumns);
  carver.Carve(out.normed, uint64_t{kPrivateColumns} * shape.width);
  carver.Carve(out.groups, uint64_t{kPrivateColumns} * ActGroups(shape.widest()));
  carver.Carve(out.partials, shape.partial_floats());
  const uint64_t entries = CeilDiv(shape.partial_floats(), shape.value_dim);
  carver.Carve(out.partial_max, entries);
  carver.Carve(out.partial_sum, entries);
  carver.Carve(out.merge, uint64_t{shape.spans()} + 1);  // and one for a sink
}

void CarveExperts(const ScratchShape& shape, Carver& carver, ExpertScratch& out) {
  if (shape.experts == 0) return;
  const uint64_t columns = shape.columns;
  const uint64_t rows = columns * shape.used_experts;
  carver.Carve(out.router, columns * shape.experts);
  carver.Carve(out.chosen, rows);
  carver.Carve(out.weights, rows);
  carver.Carve(out.row, rows);
  carver.Carve(out.column_of, rows);
  carver.Carve(out.count, shape.experts);
  carver.Carve(out.active, shape.experts);
  carver.Carve(out.active_count, 1);
  carver.Carve(out.hidden, rows * shape.expert_feed_forward);
  carver.Carve(out.out, rows * shape.width);
}

uint64_t CarveAll(const ScratchShape& shape, std::byte* base, Scratch& out) {
  Carver carver(base);
  const uint64_t columns = shape.columns;
  carver.Carve(out.x, columns * shape.width);
  const uint64_t rows = shape.input_rows();
  carver.Carve(out.normed, rows * shape.width);
  carver.Carve(out.groups, rows * ActGroups(shape.widest()));
  carver.Carve(out.query, columns * shape.queries);
  carver.Carve(out.key, columns * shape.keys);
  carver.Carve(out.value, columns * shape.keys);
  carver.Carve(out.attended, columns * shape.attended);
  carver.Carve(out.projected, columns * shape.projected);
  carver.Carve(out.convolved, columns * shape.convolved);
  carver.Carve(out.hidden, columns * shape.feed_forward);
  carver.Carve(out.rope, columns * shape.rope_floats);
  carver.Carve(out.branch, shape.branches ? columns * shape.width : 0);
  carver.Carve(out.zeros, std::max(shape.value_dim, shape.convolved));
  CarveExperts(shape, carver, out.experts);
  if (!shape.fusions.gated || !shape.fusions.residual) {
    carver.Carve(out.plain_a, columns * std::max(shape.feed_forward, shape.width));
    carver.Carve(out.plain_b, columns * std::max(shape.feed_forward, shape.width));
  }
  out.partial_floats = std::max(shape.partial_floats() * static_cast<uint64_t>(shape.threads),
                                shape.shared_floats());
  out.partial_entries = CeilDiv(out.partial_floats, shape.value_dim);
  carver.Carve(out.partials, out.partial_floats);
  carver.Carve(out.partial_max, out.partial_entries);
  carver.Carve(out.partial_sum, out.partial_entries);
  for (ThreadScratch& thread : out.threads) CarveThread(shape, carver, thread);
  return carver.used();
}

}  // namespace

ScratchShape ScratchShape::Of(const ModelSpec& spec) {
  ScratchShape shape;
  shape.width = spec.width;
  shape.rope_dims = spec.rope_dims();
  shape.rope_floats = shape.rope_dims * static_cast<uint32_t>(spec.ropes.size());
  shape.branches = spec.residual_scale != 1;
  shape.float_inputs = ReadsFloats(spec.output.type);
  shape.value_dim = KvPaddedDim(1);
  for (const LayerSpec& layer : spec.layers) {
    const AttentionSpec& attention = layer.attention;
    shape.projected = std::max(shape.projected, layer.ssm.projected());
    shape.convolved = std::max(shape.convolved, layer.ssm.convolved());
    shape.queries = std::max(shape.queries, attention.heads * attention.key_dim);
    shape.keys = std::max({shape.keys, attention.kv_heads * attention.key_dim,
                           attention.kv_heads * attention.value_dim});
    shape.attended =
        std::max({shape.attended, attention.heads * attention.value_dim, layer.ssm.inner()});
    shape.feed_forward = std::max(shape.feed_forward, layer.feed_forward);
    shape.heads = std::max(shape.heads, attention.heads);
    if (!layer.ssm)
      shape.group_heads = std::max(shape.group_heads, attention.heads / attention.kv_heads);
    shape.value_dim = std::max(shape.value_dim, KvPaddedDim(attention.value_dim));
    const ExpertsSpec& experts = layer.experts;
    shape.experts = std::max(shape.experts, experts.count);
    shape.used_experts = std::max(shape.used_experts, experts.used);
    shape.expert_feed_forward = std::max(shape.expert_feed_forward, experts.feed_forward);
    shape.branches = shape.branches || experts || layer.attention_post_norm ||
                     layer.attention_sum_norm || layer.feed_forward_post_norm ||
                     layer.feed_forward_sum_norm;
    for (const PanelMatrix* matrix :
         {&layer.query, &layer.key, &layer.value, &layer.ssm.in, &layer.gate, &layer.up,
          &experts.router, &experts.gate, &experts.up}) {
      if (matrix->rows == 0) continue;
      shape.float_inputs = shape.float_inputs || ReadsFloats(matrix->type);
    }
  }
  return shape;
}

uint32_t ScratchShape::widest() const {
  return std::max({width, attended, feed_forward, expert_feed_forward});
}
uint32_t ScratchShape::block_columns() const { return std::max(kMaxBlockRows / group_heads, 1u); }
uint32_t ScratchShape::block_rows() const { return block_columns() * group_heads; }
uint32_t ScratchShape::spans() const {
  return static_cast<uint32_t>(CeilDiv(positions, kSpanTokens));
}

uint64_t ScratchShape::partial_floats() const {
  // ... and at least for one row over all spans.
  const uint64_t comfortable =
      uint64_t{block_rows()} * std::min<uint64_t>(spans(), kComfortableSpans);
  return std::max<uint64_t>(comfortable, spans()) * value_dim;
}

uint64_t ScratchShape::shared_floats() const {
  if (!share_prefixes) return 0;
  return uint64_t{std::min(columns, kComfortableSequences)} * heads *
         std::min<uint64_t>(spans(), kComfortableSpans) * value_dim;
}

Result<Scratch> Scratch::Create(Os& os, MemoryBudget& budget, const ScratchShape& shape) {
  Scratch scratch;
  scratch.shape = shape;
  scratch.threads.resize(static_cast<size_t>(shape.threads));
  scratch.bytes = CarveAll(shape, nullptr, scratch);
  LEDGE_TRY(scratch.reservation_, budget.Reserve(MemoryKind::kScratch, scratch.bytes));
  LEDGE_TRY(scratch.mapping_, os.MapAnonymous(scratch.bytes));
  if (shape.huge_pages) scratch.mapping_->Advise(0, scratch.bytes, Mapping::Advice::kHugePages);
  CarveAll(shape, scratch.mapping_->writable().data(), scratch);
  return scratch;
}

Result<float*> OutputRows::Reserve(uint64_t floats) {
  const uint64_t wanted = floats * sizeof(float);
  if (wanted == 0) return static_cast<float*>(nullptr);
  if (reservation_.bytes() == 0) {
    LEDGE_TRY(reservation_, budget_.Reserve(MemoryKind::kScratch, wanted));
  } else if (reservation_.bytes() < wanted) {
    LEDGE_CHECK_OK(reservation_.Grow(wanted - reservation_.bytes()));
  }
  if (!mapping_ || mapping_->bytes().size() < wanted) {
    mapping_.reset();  // never both at once
    LEDGE_TRY(mapping_, os_.MapAnonymous(reservation_.bytes()));
  }
  return reinterpret_cast<float*>(mapping_->writable().data());
}

}  // namespace ledge
