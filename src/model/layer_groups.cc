#include "model/layer_groups.h"

#include <algorithm>

#include "base/checked.h"

namespace ledge {
namespace {

constexpr uint64_t kStateAlignment = 16;  // floats: a cache line

LayerGroupShape ShapeOf(const AttentionSpec& attention, KvType type) {
  LayerGroupShape shape;
  shape.kv_heads = attention.kv_heads;
  shape.key_dim = attention.key_dim;
  shape.value_dim = attention.value_dim;
  shape.window = attention.window;
  shape.type = type;
  return shape;
}

bool SharesPages(const LayerGroupShape& group, const AttentionSpec& attention) {
  return group.kv_heads == attention.kv_heads && group.key_dim == attention.key_dim &&
         group.value_dim == attention.value_dim && group.window == attention.window;
}

}  // namespace

void AssignCaches(ModelSpec& spec) {
  std::vector<LayerGroupShape> groups;
  uint64_t state_floats = 0;
  for (LayerSpec& layer : spec.layers) {
    if (layer.ssm) {
      layer.ssm.state_at = state_floats;
      state_floats += AlignUp(layer.ssm.state_floats(), kStateAlignment);
      continue;
    }
    auto group = std::ranges::find_if(groups, [&layer](const LayerGroupShape& shape) {
      return SharesPages(shape, layer.attention);
    });
    if (group == groups.end()) group = groups.insert(group, ShapeOf(layer.attention, KvType::kF16));
    layer.cache_group = static_cast<uint32_t>(group - groups.begin());
    layer.cache_layer = group->layers++;
  }
}

std::vector<LayerGroupShape> LayerGroups(const ModelSpec& spec, KvType type) {
  std::vector<LayerGroupShape> groups;
  for (const LayerSpec& layer : spec.layers) {
    if (layer.ssm) continue;
    if (layer.cache_group == groups.size()) groups.push_back(ShapeOf(layer.attention, type));
    ++groups[layer.cache_group].layers;
  }
  return groups;
}

uint64_t RecurrentBytes(const ModelSpec& spec) {
  uint64_t floats = 0;
  for (const LayerSpec& layer : spec.layers) {
    if (layer.ssm) floats = layer.ssm.state_at + layer.ssm.state_floats();
  }
  return floats * sizeof(float);
}

}  // namespace ledge
