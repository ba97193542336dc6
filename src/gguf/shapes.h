// The shapes of well-known models, for benchmarks with random weights. All are of the llama
// architecture.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace ledge {

struct ModelShape {
  std::string_view name;   // "7b"
  std::string_view model;  // what it is the shape of
  uint32_t hidden;
  uint32_t layers;
  uint32_t heads;
  uint32_t kv_heads;
  uint32_t head_values;  // hidden / heads
  uint32_t ffn;
  uint32_t vocabulary;
  uint32_t context;
  bool tied;  // the output matrix is the token embedding
  float rope_base;
};

// Smallest first.
std::span<const ModelShape> AllShapes();
std::vector<std::string_view> ShapeNames();
// nullptr if there is none of that name.
const ModelShape* FindShape(std::string_view name);

}  // namespace ledge
