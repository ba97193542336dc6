// Pages of KV cache. A page holds kPageTokens tokens of one sequence for every layer of one layer
// group (kernels/kv_page.h has the inside of a layer and head). Whoever writes to a shared page
// copies it first.
#pragma once

#include "kernels/kv_page.h"
#include "model/page_pool.h"

namespace ledge {

// The shape of one layer group's pages: layers whose cache has the same lifetime (all of full
// attention, or all of one window) share a page table.
struct LayerGroupShape {
  uint32_t layers = 0;
  uint32_t kv_heads = 0;
  uint32_t key_dim = 0;
  uint32_t value_dim = 0;
  uint32_t window = 0;  // 0: pages are kept for ever
  KvType type = KvType::kF16;

  uint64_t head_bytes() const { return KvHeadPageBytes(type, key_dim, value_dim); }
  uint64_t page_bytes() const { return head_bytes() * layers * kv_heads; }
  uint64_t head_offset(uint32_t layer, uint32_t kv_head) const {
    return (uint64_t{layer} * kv_heads + kv_head) * head_bytes();
  }
};

class KvPool : public PagePool {
 public:
  KvPool(Os& os, MemoryBudget& budget, LayerGroupShape shape)
      : PagePool(os, budget, shape.page_bytes()), shape_(shape) {}
  const LayerGroupShape& shape() const { return shape_; }

 private:
  LayerGroupShape shape_;
};

}  // namespace ledge
