// What a model is, as data: an architecture's file reads the metadata and fills
// this in; the executor runs it without knowing any architecture's name. A new
// architecture is one file in model/arch/.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/panel.h"
#include "model/rope_table.h"

namespace ledge {

inline constexpr uint32_t kMaxLayers = 1024;
inline constexpr uint32_t kMaxHeads = 1024;
inline constexpr uint32_t kMaxWidth = 1 << 18;  // embedding and feed-forward lengths
inline constexpr uint32_t kMaxContext = 1 << 24;
inline constexpr uint32_t kMaxVocabulary = 1 << 24;

// A 1-D tensor as floats, mapped (F32) or converted at load; empty if the model has none. The Model
// owns or maps what it points to.
struct VectorWeights {
  const float* data = nullptr;
  uint32_t size = 0;
  explicit operator bool() const { return data != nullptr; }
};

enum class Activation : uint8_t { kSilu };

struct AttentionSpec {
  uint32_t heads = 0;
  uint32_t kv_heads = 0;
  uint32_t key_dim = 0;    // a head's
  uint32_t value_dim = 0;  // a head's
  float scale = 0;         // multiplies q.k, usually 1 / sqrt(key_dim)
  float softcap = 0;       // 0: none
  uint32_t window = 0;     // tokens seen, itself included; 0: all
  bool rope = true;
};

struct LayerSpec {
  AttentionSpec attention;
  uint32_t feed_forward = 0;
  uint32_t cache_group = 0;  // which of the model's layer groups (model/layer_groups.h) ...
  uint32_t cache_layer = 0;  // ... and the index of this layer within that group's pages

  VectorWeights attention_norm;
  PanelMatrix query, key, value, attention_output;
  VectorWeights query_bias, key_bias, value_bias, attention_output_bias;
  VectorWeights feed_forward_norm;
  PanelMatrix gate, up, down;
};

struct ModelSpec {
  std::string architecture;
  std::string name;
  uint32_t vocabulary = 0;
  uint32_t width = 0;  // embedding length
  uint32_t trained_context = 0;
  float norm_epsilon = 0;
  Activation activation = Activation::kSilu;
  bool rope_paired = true;
  RopeTable rope;
  std::vector<LayerSpec> layers;
  PanelMatrix token_embedding;
  VectorWeights output_norm;
  PanelMatrix output;  // the token embedding where the model ties them
};

}  // namespace ledge
