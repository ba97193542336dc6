// What a model is, as data: an architecture's file reads the metadata and fills
// this in; the executor runs it without knowing any architecture's name. A new
// architecture is one file in model/arch/ (docs/adding-an-architecture.md).
//
// What a layer computes, x being the residual stream and everything in brackets optional:
//
//   a = attention([attention_norm](x));   x += residual_scale * [attention_post_norm](a)
//   x = [attention_sum_norm](x)
//   f = feed_forward([feed_forward_norm](x));   x += residual_scale * [feed_forward_post_norm](f)
//   x = [feed_forward_sum_norm](x)
//
// A parallel layer's f is computed of the same x as a. A hybrid model's layers have a state space
// mixer in the place of attention (SsmSpec), under the same norms.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kernels/nonlinearity.h"
#include "kernels/panel.h"
#include "kernels/ssm_task.h"
#include "model/rope_table.h"

namespace ledge {

inline constexpr uint32_t kMaxLayers = 1024;
inline constexpr uint32_t kMaxHeads = 1024;
inline constexpr uint32_t kMaxWidth = 1 << 18;  // embedding and feed-forward lengths
inline constexpr uint32_t kMaxContext = 1 << 24;
inline constexpr uint32_t kMaxVocabulary = 1 << 24;
inline constexpr uint32_t kMaxExperts = 1024;
inline constexpr uint32_t kMaxUsedExperts = 64;
inline constexpr uint32_t kMaxConvolutionTaps = 64;
inline constexpr uint32_t kMaxSsmState = 4096;

// A 1-D tensor as floats, mapped (F32) or converted at load; empty if the model has none. The Model
// owns or maps what it points to.
struct VectorWeights {
  const float* data = nullptr;
  uint32_t size = 0;
  explicit operator bool() const { return data != nullptr; }
};

enum class NormKind : uint8_t { kNone, kRms, kLayer };

// With the model's norm_epsilon.
struct Norm {
  NormKind kind = NormKind::kNone;
  VectorWeights weight;
  VectorWeights bias;  // kLayer only; may be absent
  explicit operator bool() const { return kind != NormKind::kNone; }
};

// Which values of a query or key are normalised together, before they are rotated.
enum class HeadNorms : uint8_t {
  kNone,
  kEach,  // each head by itself, all with the same key_dim weights
  kAll,   // all heads as one vector
};

inline constexpr uint32_t kNoRope = UINT32_MAX;

struct AttentionSpec {
  uint32_t heads = 0;
  uint32_t kv_heads = 0;
  uint32_t key_dim = 0;    // a head's
  uint32_t value_dim = 0;  // a head's
  float scale = 0;         // multiplies q.k, usually 1 / sqrt(key_dim)
  float softcap = 0;       // 0: none
  uint32_t window = 0;     // tokens seen, itself included; 0: all
  uint32_t rope = 0;       // which of the model's ropes, or kNoRope
  HeadNorms head_norms = HeadNorms::kNone;
};

// A Mamba-2 mixer (Dao and Gu, arXiv 2405.21060; kernels/ssm_task.h has the recurrence). `in` turns
// a column into: a gate (inner values); what a causal convolution over `taps` columns mixes channel
// by channel: x (inner), then b and c (groups * state each); a step size for each head. Heads share
// b and c by group. The gated result is normalised, each group by itself, and goes through `out`.
struct SsmSpec {
  uint32_t heads = 0;  // 0: no such mixer
  uint32_t head_dim = 0;
  uint32_t groups = 0;
  uint32_t state = 0;  // values a channel remembers
  uint32_t taps = 0;
  PanelMatrix in, out;
  VectorWeights convolution;       // taps x convolved(), the latest column's tap last
  VectorWeights convolution_bias;  // may be absent
  VectorWeights step_bias, a, d;   // a head
  VectorWeights norm;              // inner()
  uint64_t state_at = 0;  // where this layer's part of the recurrent state begins, in floats

  explicit operator bool() const { return heads != 0; }
  uint32_t inner() const { return heads * head_dim; }
  uint32_t convolved() const { return inner() + 2 * groups * state; }
  uint32_t projected() const { return inner() + convolved() + heads; }
  // The recurrent state: the columns that the convolution still sees, the oldest first, then the
  // heads' states.
  uint64_t convolution_floats() const { return uint64_t{taps - 1} * convolved(); }
  uint64_t state_floats() const {
    return convolution_floats() + heads * SsmHeadFloats(head_dim, state);
  }
};

enum class ExpertGating : uint8_t {
  kSoftmax,          // probabilities over all experts
  kSigmoid,          // each by itself
  kSoftmaxOfChosen,  // the largest router outputs are chosen, then softmax over those
};

// A mixture: the router's outputs become probabilities, the `used` largest (with choice_bias added
// for the choice alone; the lower index among equals) are chosen, and the sum of their experts'
// outputs, weighted, is the block's. The experts' panels lie one expert behind the other, so rows
// of `gate`, `up` and `down` are count * rows of one.
struct ExpertsSpec {
  uint32_t count = 0;  // 0: no mixture
  uint32_t used = 0;
  uint32_t feed_forward = 0;  // of one expert
  ExpertGating gating = ExpertGating::kSoftmax;
  bool renormalise = false;  // the chosen weights are divided by their sum
  float scale = 1;           // multiplies the weights
  PanelMatrix router;
  VectorWeights router_bias, choice_bias;
  PanelMatrix gate, up, down;
  VectorWeights gate_bias, up_bias, down_bias;  // as the rows
  // Multiplies the output of the expert that all tokens share (the layer's own gate, up and down)
  // with sigmoid(w.x); absent: 1.
  VectorWeights shared_gate;
  explicit operator bool() const { return count != 0; }
};

struct LayerSpec {
  AttentionSpec attention;    // of no heads where there is ...
  SsmSpec ssm;                // ... one of these
  uint32_t feed_forward = 0;  // of gate, up and down below; 0: there are only experts
  uint32_t cache_group = 0;   // attention: which of the model's groups (model/layer_groups.h) ...
  uint32_t cache_layer = 0;   // ... and the index of this layer within that group's pages
  bool parallel = false;

  Norm attention_norm, attention_post_norm, attention_sum_norm;
  PanelMatrix query, key, value, attention_output;
  VectorWeights query_bias, key_bias, value_bias, attention_output_bias;
  Norm query_norm, key_norm;  // where attention.head_norms says so
  VectorWeights sinks;        // a head's score of seeing nothing; absent: none

  Norm feed_forward_norm, feed_forward_post_norm, feed_forward_sum_norm;
  Nonlinearity activation = Nonlinearity::kSilu;
  PanelMatrix gate, up, down;  // no gate (0 rows): down f(up x), else down (f(gate x) * up x)
  VectorWeights gate_bias, up_bias, down_bias;
  ExpertsSpec experts;
  bool gated() const { return gate.rows != 0; }
  bool dense() const { return up.rows != 0; }
};

// One way to rotate; layers choose among the model's.
struct Rope {
  RopeTable table;
  // LongRoPE: used instead where sequences may have more than `long_from` positions. The choice is
  // the executor's longest sequence's, not the sequence's own, so that cached keys stay right.
  std::optional<RopeTable> long_table = std::nullopt;
  uint32_t long_from = 0;
  const RopeTable& For(uint32_t positions) const {
    return long_table && positions > long_from ? *long_table : table;
  }
};

// How an encoder's hidden states become one vector.
enum class Pooling : uint8_t { kNone, kMean, kFirst, kLast };

struct ModelSpec {
  std::string architecture;
  std::string name;
  uint32_t vocabulary = 0;
  uint32_t width = 0;  // embedding length
  uint32_t trained_context = 0;
  float norm_epsilon = 0;

  PanelMatrix token_embedding;
  float embedding_scale = 1;
  PanelMatrix position_embedding;  // a row a position, added; no rows: none
  VectorWeights type_embedding;    // added to every token's
  Norm embedding_norm;

  bool rope_paired = true;  // pairs of dimensions are neighbours, else half a head apart
  std::vector<Rope> ropes;
  float residual_scale = 1;
  // Every token sees all others of its sequence, which comes in one step; there are no logits.
  bool encoder = false;
  Pooling pooling = Pooling::kNone;
  std::vector<LayerSpec> layers;

  Norm output_norm;
  PanelMatrix output;  // the token embedding where the model ties them; no rows for an encoder
  VectorWeights output_bias;
  float logit_scale = 1;    // multiplies
  float logit_softcap = 0;  // 0: none

  uint32_t rope_dims() const {
    uint32_t dims = 0;
    for (const Rope& rope : ropes) dims = rope.table.dims() > dims ? rope.table.dims() : dims;
    return dims;
  }
};

}  // namespace ledge
