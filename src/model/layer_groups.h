// Where layers keep what they remember: those whose caches have the same shape and lifetime share a
// page table, and all recurrent ones a block of state.
#pragma once

#include <vector>

#include "model/kv_pool.h"
#include "model/model_spec.h"

namespace ledge {

// Sets every layer's cache_group and cache_layer, groups in the order of their first layers, or its
// ssm.state_at.
void AssignCaches(ModelSpec& spec);

// The groups' shapes, by cache_group, for pages of one KV type. Only after AssignCaches.
std::vector<LayerGroupShape> LayerGroups(const ModelSpec& spec, KvType type);

// Of the block of state that all recurrent layers share, in bytes; 0: there are none.
uint64_t RecurrentBytes(const ModelSpec& spec);

}  // namespace ledge
