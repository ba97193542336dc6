// Which layers share a page table: those whose caches have the same shape and lifetime.
#pragma once

#include <vector>

#include "model/kv_pool.h"
#include "model/model_spec.h"

namespace ledge {

// Sets every layer's cache_group and cache_layer, groups in the order of their first layers.
void AssignCaches(ModelSpec& spec);

// The groups' shapes, by cache_group, for pages of one KV type. Only after AssignCaches.
std::vector<LayerGroupShape> LayerGroups(const ModelSpec& spec, KvType type);

}  // namespace ledge
