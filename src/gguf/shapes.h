// The shapes of well-known models, for benchmarks with random weights: of the architectures llama,
// qwen3moe and granitehybrid.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace ledge {

// State space mixers in the place of attention, in all layers but those that are `attention_at`
// past a multiple of `attention_every`. Nothing: no layer has one.
struct MixerShape {
  uint32_t inner = 0;
  uint32_t heads = 0;
  uint32_t groups = 0;
  uint32_t state = 0;
  uint32_t taps = 0;
  uint32_t attention_every = 1;
  uint32_t attention_at = 0;
};

struct ModelShape {
  std::string_view name;   // "7b"
  std::string_view model;  // what it is the shape of
  std::string_view architecture = "llama";
  uint32_t hidden;
  uint32_t layers;
  uint32_t heads;
  uint32_t kv_heads;
  uint32_t head_values;
  uint32_t ffn;  // of one expert, where there are some
  uint32_t vocabulary;
  uint32_t context;
  bool tied;  // the output matrix is the token embedding
  float rope_base;
  uint32_t experts = 0;
  uint32_t experts_used = 0;
  MixerShape mixer = {};

  bool HasMixer(uint32_t layer) const {
    return mixer.inner != 0 && layer % mixer.attention_every != mixer.attention_at;
  }
};

// The dense ones, then mixtures of experts, then hybrids; of each the smallest first.
std::span<const ModelShape> AllShapes();
std::vector<std::string_view> ShapeNames();
// nullptr if there is none of that name.
const ModelShape* FindShape(std::string_view name);

}  // namespace ledge
