#include "gguf/shapes.h"

#include <array>

namespace ledge {
namespace {

// Numbers from the models' published configurations.
constexpr std::array kShapes = {
    ModelShape{.name = "tiny",
               .model = "a model for tests",
               .hidden = 256,
               .layers = 4,
               .heads = 4,
               .kv_heads = 2,
               .head_values = 64,
               .ffn = 768,
               .vocabulary = 2048,
               .context = 2048,
               .tied = false,
               .rope_base = 10000.0F},
    ModelShape{.name = "160m",
               .model = "llama-160m",
               .hidden = 768,
               .layers = 12,
               .heads = 12,
               .kv_heads = 12,
               .head_values = 64,
               .ffn = 3072,
               .vocabulary = 32000,
               .context = 2048,
               .tied = false,
               .rope_base = 10000.0F},
    ModelShape{.name = "1b",
               .model = "Llama-3.2-1B",
               .hidden = 2048,
               .layers = 16,
               .heads = 32,
               .kv_heads = 8,
               .head_values = 64,
               .ffn = 8192,
               .vocabulary = 128256,
               .context = 131072,
               .tied = true,
               .rope_base = 500000.0F},
    ModelShape{.name = "3b",
               .model = "Llama-3.2-3B",
               .hidden = 3072,
               .layers = 28,
               .heads = 24,
               .kv_heads = 8,
               .head_values = 128,
               .ffn = 8192,
               .vocabulary = 128256,
               .context = 131072,
               .tied = true,
               .rope_base = 500000.0F},
    ModelShape{.name = "7b",
               .model = "Llama-2-7B",
               .hidden = 4096,
               .layers = 32,
               .heads = 32,
               .kv_heads = 32,
               .head_values = 128,
               .ffn = 11008,
               .vocabulary = 32000,
               .context = 4096,
               .tied = false,
               .rope_base = 10000.0F},
    ModelShape{.name = "13b",
               .model = "Llama-2-13B",
               .hidden = 5120,
               .layers = 40,
               .heads = 40,
               .kv_heads = 40,
               .head_values = 128,
               .ffn = 13824,
               .vocabulary = 32000,
               .context = 4096,
               .tied = false,
               .rope_base = 10000.0F},
};

}  // namespace

std::span<const ModelShape> AllShapes() { return kShapes; }

std::vector<std::string_view> ShapeNames() {
  std::vector<std::string_view> names;
  for (const ModelShape& shape : kShapes) names.push_back(shape.name);
  return names;
}

const ModelShape* FindShape(std::string_view name) {
  for (const ModelShape& shape : kShapes) {
    if (shape.name == name) return &shape;
  }
  return nullptr;
}

}  // namespace ledge
