#include "executor/native/forward.h"

#include <cstring>

#include "executor/native/attention_step.h"
#include "executor/native/inputs.h"
#include "executor/native/products.h"

namespace ledge {
namespace {

// Token embeddings, and the angles of each column's position, which all layers share.
void Embed(const StepContext& step, Worker& worker) {
  const PanelMatrix& table = step.spec.token_embedding;
  const PanelLayout& layout = *FindPanelLayout(table.type);
  const uint64_t panel_bytes = table.panel_bytes();
  const uint32_t dims = step.scratch.shape.rope_dims;
  const uint32_t columns = step.plan.columns();
  WorkRange range;
  while (worker.Take(columns, FairChunk(columns, worker.threads()), range)) {
    for (uint32_t column = range.begin; column < range.end; ++column) {
      const uint32_t token = static_cast<uint32_t>(step.plan.tokens()[column]);
      layout.decode_row(table.data + token / kPanelRows * panel_bytes, token % kPanelRows,
                        table.cols, step.scratch.x + uint64_t{column} * step.spec.width);
      if (dims != 0)
        step.spec.rope.Fill(step.plan.positions()[column],
                            step.scratch.rope + uint64_t{column} * dims);
    }
  }
  worker.EndPhase(columns);
}

// Biases, rotation and the cache entry of one column and KV head with its query heads.
void FinishHead(const StepContext& step, const LayerSpec& layer, uint32_t column,
                uint32_t kv_head) {
  const AttentionSpec& spec = layer.attention;
  const Scratch& scratch = step.scratch;
  const uint32_t heads = spec.heads / spec.kv_heads;
  const uint32_t query_at = kv_head * heads * spec.key_dim;
  const uint32_t key_at = kv_head * spec.key_dim;
  const uint32_t value_at = kv_head * spec.value_dim;
  float* query = scratch.query + uint64_t{column} * scratch.shape.queries + query_at;
  float* key = scratch.key + uint64_t{column} * scratch.shape.keys + key_at;
  float* value = scratch.value + uint64_t{column} * scratch.shape.keys + value_at;
  if (layer.query_bias)
    step.kernels.add(layer.query_bias.data + query_at, heads * spec.key_dim, query);
  if (layer.key_bias) step.kernels.add(layer.key_bias.data + key_at, spec.key_dim, key);
  if (layer.value_bias) step.kernels.add(layer.value_bias.data + value_at, spec.value_dim, value);
  if (spec.rope) {
    const uint32_t dims = scratch.shape.rope_dims;
    const float* angles = scratch.rope + uint64_t{column} * dims;
    for (uint32_t head = 0; head < heads; ++head) {
      step.kernels.rope(query + head * spec.key_dim, dims, angles, step.spec.rope_paired);
    }
    step.kernels.rope(key, dims, angles, step.spec.rope_paired);
  }
  const uint32_t position = step.plan.positions()[column];
  const SequenceState& state = *step.plan.sequences()[step.plan.owners()[column]].state;
  const LayerGroupShape& shape = GroupOf(step, layer);
  const KvHeadPage page{shape.type, shape.key_dim, shape.value_dim,
                        KvPart(step, state, layer, kv_head, position / kPageTokens)};
  step.kernels.store_kv(page, position % kPageTokens, key, value);
}

// From the last layer on only wanted columns matter: they move to the front.
void GatherWanted(const StepContext& step) {
  const uint64_t width = step.spec.width;
  float* x = step.scratch.x;
  const auto wanted = step.plan.wanted();
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] != i) std::memcpy(x + i * width, x + wanted[i] * width, width * sizeof(float));
  }
}

// `gather`: the phase also moves the wanted columns of x, which nothing else in it touches.
void FinishHeads(const StepContext& step, Worker& worker, const LayerSpec& layer, bool gather) {
  const uint32_t kv_heads = layer.attention.kv_heads;
  const uint32_t heads = step.plan.columns() * kv_heads;
  const uint32_t items = heads + (gather ? 1 : 0);
  WorkRange range;
  while (worker.Take(items, FairChunk(items, worker.threads()), range)) {
    for (uint32_t item = range.begin; item < range.end; ++item) {
      if (item == heads) {
        GatherWanted(step);
      } else {
        FinishHead(step, layer, item / kv_heads, item % kv_heads);
      }
    }
  }
  worker.EndPhase(items);
}

// Queries, keys and values of all columns, finished. `gather`: wanted columns of x move to the
// front.
void ProjectHeads(const StepContext& step, Worker& worker, const LayerSpec& layer, bool gather) {
  const Scratch& scratch = step.scratch;
  const uint32_t columns = step.plan.columns();
  ProductInput x = ProductInput::Normed(
      step, worker, {scratch.x, step.spec.width, step.spec.width, columns}, layer.attention_norm,
      FormsFor({&layer.query, &layer.key, &layer.value}));
  const Product products[] = {{&layer.query, scratch.query, scratch.shape.queries},
                              {&layer.key, scratch.key, scratch.shape.keys},
                              {&layer.value, scratch.value, scratch.shape.keys}};
  // The product reads x, so columns can only move in a phase of their own.
  const bool moves = gather && step.plan.wanted().size() != columns;
  const uint32_t kv_heads = layer.attention.kv_heads;
  if (step.fusions().heads && !moves &&
      HeadsMakeTickets(products, kv_heads, columns, worker.threads())) {
    MultiplyHeads(step, worker, products, kv_heads, x, FinishHead, layer);
    return;
  }
  Multiply(step, worker, products, x);
  FinishHeads(step, worker, layer, moves);
}

void FeedForward(const StepContext& step, Worker& worker, const LayerSpec& layer,
                 uint32_t columns) {
  const Scratch& scratch = step.scratch;
  const uint32_t width = step.spec.width;
  ProductInput x =
      ProductInput::Normed(step, worker, {scratch.x, width, width, columns},
                           layer.feed_forward_norm, FormsFor({&layer.gate, &layer.up}));
  MultiplyGated(step, worker, layer.gate, layer.up, x, scratch.hidden, scratch.shape.feed_forward);
  ProductInput hidden = ProductInput::Plain(
      step, worker, {scratch.hidden, scratch.shape.feed_forward, layer.feed_forward, columns},
      FormsFor({&layer.down}));
  MultiplyAdd(step, worker, layer.down, {}, hidden, scratch.x, width);
}

void RunLayer(const StepContext& step, Worker& worker, size_t index,
              std::span<const uint32_t> every_column) {
  const LayerSpec& layer = step.spec.layers[index];
  const bool last = index + 1 == step.spec.layers.size();
  const auto queries = last ? step.plan.wanted() : every_column;
  const uint32_t columns = static_cast<uint32_t>(queries.size());
  ProjectHeads(step, worker, layer, last);
  if (columns == 0) return;
  AttendLayer(step, worker, index, queries, last ? step.plan.wanted_blocks() : step.plan.blocks());
  const uint32_t attended = layer.attention.heads * layer.attention.value_dim;
  ProductInput x = ProductInput::Plain(
      step, worker, {step.scratch.attended, step.scratch.shape.attended, attended, columns},
      FormsFor({&layer.attention_output}));
  MultiplyAdd(step, worker, layer.attention_output, layer.attention_output_bias, x, step.scratch.x,
              step.spec.width);
  FeedForward(step, worker, layer, columns);
}

void Output(const StepContext& step, Worker& worker) {
  const uint32_t rows = static_cast<uint32_t>(step.plan.wanted().size());
  const uint32_t width = step.spec.width;
  const ColumnSource x{step.scratch.x, width, width, rows, step.plan.row_source()};
  if (step.output == Batch::Output::kHidden) {
    WorkRange range;
    while (worker.Take(rows, 1, range)) {
      step.kernels.rms_norm(x.column(range.begin), step.spec.output_norm.data, width,
                            step.spec.norm_epsilon, step.rows + uint64_t{range.begin} * width);
    }
    worker.EndPhase(rows);
    return;
  }
  ProductInput normed =
      ProductInput::Normed(step, worker, x, step.spec.output_norm, FormsFor({&step.spec.output}));
  const Product product{&step.spec.output, step.rows, step.spec.vocabulary};
  Multiply(step, worker, {&product, 1}, normed);
}

}  // namespace

uint32_t MaxPhases(const ModelSpec& spec) {
  // A layer, unfused: norm, QKV, heads, attention and merge, quantise, product, add, norm, gate and
  // up, SwiGLU, quantise, product, add. Around them: embed, norm, output.
  constexpr uint32_t kOfALayer = 14;
  constexpr uint32_t kAround = 3;
  return kOfALayer * static_cast<uint32_t>(spec.layers.size()) + kAround;
}

void RunForward(const StepContext& step, Worker& worker) {
  Embed(step, worker);
  for (size_t layer = 0; layer < step.spec.layers.size(); ++layer) {
    RunLayer(step, worker, layer, step.plan.every_column());
  }
  if (!step.plan.wanted().empty()) Output(step, worker);
}

}  // namespace ledge
