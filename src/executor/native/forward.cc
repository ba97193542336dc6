#include "executor/native/forward.h"

#include <algorithm>
#include <cstring>

#include "executor/native/attention_step.h"
#include "executor/native/branches.h"
#include "executor/native/experts.h"
#include "executor/native/inputs.h"
#include "executor/native/products.h"
#include "executor/native/ssm_block.h"

namespace ledge {
namespace {

// Row `row` of a table as floats.
void DecodeRow(const PanelMatrix& table, uint32_t row, float* out) {
  FindPanelLayout(table.type)
      ->decode_row(table.data + row / kPanelRows * table.panel_bytes(), row % kPanelRows,
                   table.cols, out);
}

void EmbedColumn(const StepContext& step, const Worker& worker, uint32_t column) {
  const ModelSpec& spec = step.spec;
  const uint32_t position = step.plan.positions()[column];
  float* x = step.scratch.x + uint64_t{column} * spec.width;
  DecodeRow(spec.token_embedding, static_cast<uint32_t>(step.plan.tokens()[column]), x);
  if (spec.embedding_scale != 1) step.kernels.scale(spec.embedding_scale, spec.width, x);
  if (spec.type_embedding) step.kernels.add(spec.type_embedding.data, spec.width, x);
  if (spec.position_embedding.rows != 0) {
    float* learned = step.mine(worker).normed;
    DecodeRow(spec.position_embedding, position, learned);
    step.kernels.add(learned, spec.width, x);
  }
  if (spec.embedding_norm) Normalise(step, spec.embedding_norm, x, spec.width, x);
  const ScratchShape& shape = step.scratch.shape;
  float* angles = step.scratch.rope + uint64_t{column} * shape.rope_floats;
  for (const Rope& rope : spec.ropes) {
    rope.For(shape.positions).Fill(position, angles);
    angles += shape.rope_dims;
  }
}

// Token embeddings, and the angles of each column's position, which all layers share.
void Embed(const StepContext& step, Worker& worker) {
  const uint32_t columns = step.plan.columns();
  WorkRange range;
  while (worker.Take(columns, FairChunk(columns, worker.threads()), range)) {
    for (uint32_t column = range.begin; column < range.end; ++column)
      EmbedColumn(step, worker, column);
  }
  worker.EndPhase(columns);
}

// Biases and the norms of all heads together, of one column.
void NormAllHeads(const StepContext& step, const LayerSpec& layer, uint32_t column) {
  const AttentionSpec& spec = layer.attention;
  const Scratch& scratch = step.scratch;
  const uint32_t queries = spec.heads * spec.key_dim;
  const uint32_t keys = spec.kv_heads * spec.key_dim;
  float* query = scratch.query + uint64_t{column} * scratch.shape.queries;
  float* key = scratch.key + uint64_t{column} * scratch.shape.keys;
  if (layer.query_bias) step.kernels.add(layer.query_bias.data, queries, query);
  if (layer.key_bias) step.kernels.add(layer.key_bias.data, keys, key);
  Normalise(step, layer.query_norm, query, queries, query);
  Normalise(step, layer.key_norm, key, keys, key);
}

// Bias, norm and rotation of some heads of a query or key, `at` values from the first.
void FinishRows(const StepContext& step, const AttentionSpec& spec, const VectorWeights& bias,
                const Norm& norm, uint32_t column, uint32_t heads, uint32_t at, float* rows) {
  const bool normed = spec.head_norms == HeadNorms::kAll;  // and so the bias is added
  if (bias && !normed) step.kernels.add(bias.data + at, heads * spec.key_dim, rows);
  const ScratchShape& shape = step.scratch.shape;
  for (uint32_t head = 0; head < heads; ++head, rows += spec.key_dim) {
    if (norm && !normed) Normalise(step, norm, rows, spec.key_dim, rows);
    if (spec.rope == kNoRope) continue;
    const float* angles = step.scratch.rope + uint64_t{column} * shape.rope_floats +
                          uint64_t{spec.rope} * shape.rope_dims;
    step.kernels.rope(rows, step.spec.ropes[spec.rope].table.dims(), angles, step.spec.rope_paired);
  }
}

// Biases, norms, rotation and the cache entry of one column and KV head with its query heads.
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
  FinishRows(step, spec, layer.query_bias, layer.query_norm, column, heads, query_at, query);
  FinishRows(step, spec, layer.key_bias, layer.key_norm, column, 1, key_at, key);
  if (layer.value_bias) step.kernels.add(layer.value_bias.data + value_at, spec.value_dim, value);
  const uint32_t position = step.plan.positions()[column];
  const SequenceState& state = *step.plan.sequences()[step.plan.owners()[column]].state;
  const LayerGroupShape& shape = GroupOf(step, layer);
  const KvHeadPage page{shape.type, shape.key_dim, shape.value_dim,
                        KvPart(step, state, layer, kv_head, position / kPageTokens)};
  step.kernels.store_kv(page, position % kPageTokens, key, value);
}

// `gather`: the phase also moves the wanted columns of x, which nothing else in it touches.
void FinishHeads(const StepContext& step, Worker& worker, const LayerSpec& layer, bool gather) {
  const uint32_t kv_heads = layer.attention.kv_heads;
  const uint32_t columns = step.plan.columns();
  const uint32_t heads = columns * kv_heads;
  const uint32_t items = heads + (gather ? 1 : 0);
  WorkRange range;
  if (layer.attention.head_norms == HeadNorms::kAll) {
    while (worker.Take(columns, 1, range)) NormAllHeads(step, layer, range.begin);
    worker.EndPhase(columns);
  }
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
  const bool together = layer.attention.head_norms == HeadNorms::kAll;
  if (step.fusions().heads && !moves && !together &&
      HeadsMakeTickets(products, kv_heads, columns, worker.threads())) {
    MultiplyHeads(step, worker, products, kv_heads, x, FinishHead, layer);
    return;
  }
  Multiply(step, worker, products, x);
  FinishHeads(step, worker, layer, moves);
}

// f(gate x) * (up x) of the normalised stream.
void HiddenOf(const StepContext& step, Worker& worker, const LayerSpec& layer, uint32_t columns) {
  const Scratch& scratch = step.scratch;
  const uint32_t width = step.spec.width;
  const PanelMatrix& first = layer.gated() ? layer.gate : layer.up;
  ProductInput x = ProductInput::Normed(step, worker, {scratch.x, width, width, columns},
                                        layer.feed_forward_norm, FormsFor({&first, &layer.up}));
  MultiplyHidden(step, worker, layer, x, scratch.hidden, scratch.shape.feed_forward);
}

void AddFeedForward(const StepContext& step, Worker& worker, const LayerSpec& layer,
                    uint32_t columns) {
  const Scratch& scratch = step.scratch;
  ProductInput hidden = ProductInput::Plain(
      step, worker, {scratch.hidden, scratch.shape.feed_forward, layer.feed_forward, columns},
      FormsFor({&layer.down}));
  AddBlock(step, worker, layer.down, layer.down_bias, hidden, layer.feed_forward_post_norm,
           layer.feed_forward_sum_norm);
}

void AddAttention(const StepContext& step, Worker& worker, const LayerSpec& layer,
                  uint32_t columns) {
  const PanelMatrix& output = layer.ssm ? layer.ssm.out : layer.attention_output;
  ProductInput x = ProductInput::Plain(
      step, worker, {step.scratch.attended, step.scratch.shape.attended, output.cols, columns},
      FormsFor({&output}));
  AddBlock(step, worker, output, layer.attention_output_bias, x, layer.attention_post_norm,
           layer.attention_sum_norm);
}

void RunLayer(const StepContext& step, Worker& worker, size_t index,
              std::span<const uint32_t> every_column) {
  const LayerSpec& layer = step.spec.layers[index];
  const bool last = index + 1 == step.spec.layers.size();
  const auto queries = last ? step.plan.wanted() : every_column;
  const uint32_t columns = static_cast<uint32_t>(queries.size());
  if (layer.ssm) {
    MixLayer(step, worker, layer, queries);
  } else {
    ProjectHeads(step, worker, layer, last);
  }
  if (columns == 0) return;
  if (!layer.ssm) {
    AttendLayer(step, worker, index, queries,
                last ? step.plan.wanted_blocks() : step.plan.blocks());
  }
  // Side by side, both blocks read the same x: it is added to afterwards.
  if (layer.parallel) HiddenOf(step, worker, layer, columns);
  AddAttention(step, worker, layer, columns);
  if (layer.experts) {
    AddExperts(step, worker, layer, columns);
    return;
  }
  if (!layer.parallel) HiddenOf(step, worker, layer, columns);
  AddFeedForward(step, worker, layer, columns);
}

// Bias, scale and soft cap of the logits.
void FinishLogits(const StepContext& step, Worker& worker, uint32_t rows) {
  constexpr uint32_t kChunk = 4096;
  const ModelSpec& spec = step.spec;
  if (!spec.output_bias && spec.logit_scale == 1 && spec.logit_softcap == 0) return;
  const uint32_t chunks = (spec.vocabulary + kChunk - 1) / kChunk;
  const uint32_t items = rows * chunks;
  WorkRange range;
  while (worker.Take(items, 1, range)) {
    const uint32_t begin = range.begin % chunks * kChunk;
    const uint32_t count = std::min(kChunk, spec.vocabulary - begin);
    float* x = step.rows + uint64_t{range.begin / chunks} * spec.vocabulary + begin;
    if (spec.output_bias) step.kernels.add(spec.output_bias.data + begin, count, x);
    if (spec.logit_scale != 1) step.kernels.scale(spec.logit_scale, count, x);
    if (spec.logit_softcap != 0) step.kernels.soft_cap(spec.logit_softcap, count, x);
  }
  worker.EndPhase(items);
}

void Output(const StepContext& step, Worker& worker) {
  const uint32_t rows = static_cast<uint32_t>(step.plan.wanted().size());
  const uint32_t width = step.spec.width;
  const ColumnSource x{step.scratch.x, width, width, rows, step.plan.row_source()};
  if (step.output == Batch::Output::kHidden) {
    WorkRange range;
    while (worker.Take(rows, 1, range)) {
      float* row = step.rows + uint64_t{range.begin} * width;
      if (step.spec.output_norm) {
        Normalise(step, step.spec.output_norm, x.column(range.begin), width, row);
      } else {
        std::memcpy(row, x.column(range.begin), width * sizeof(float));
      }
    }
    worker.EndPhase(rows);
    return;
  }
  ProductInput normed =
      ProductInput::Normed(step, worker, x, step.spec.output_norm, FormsFor({&step.spec.output}));
  const Product product{&step.spec.output, step.rows, step.spec.vocabulary};
  Multiply(step, worker, {&product, 1}, normed);
  FinishLogits(step, worker, rows);
}

}  // namespace

uint32_t MaxPhases(const ModelSpec& spec) {
  // A layer, unfused: norm, QKV, all heads' norm, heads, attention and merge, quantise, product,
  // add, norm, gate and up, gated, quantise, product, add; experts besides: norm, router, choice,
  // groups, norm, gate and up, quantise, down, sum. Around them: embed, norm, output, its end.
  constexpr uint32_t kOfALayer = 24;
  constexpr uint32_t kAround = 4;
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
