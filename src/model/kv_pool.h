// Pages of KV cache. A page holds kPageTokens tokens of one sequence for every layer of one layer
// group (kernels/kv_page.h has the inside of a layer and head). Pages are counted by reference:
// sequences with the same beginning share them; a shared page is never written, its next writer
// copies it first.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "base/memory_budget.h"
#include "kernels/kv_page.h"
#include "os/os.h"

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

class KvPool;

// One reference to a page. Movable; copying is explicit (Share), so that sharing is seen in the
// code.
class PageRef {
 public:
  PageRef() = default;
  PageRef(PageRef&& other) noexcept;
  PageRef& operator=(PageRef&& other) noexcept;
  ~PageRef();
  PageRef Share() const;
  bool shared() const;  // more than one reference
  std::byte* data() const;
  explicit operator bool() const { return page_ != nullptr; }

 private:
  friend class KvPool;
  struct Page;
  explicit PageRef(Page* page) : page_(page) {}
  Page* page_ = nullptr;
};

// Thread-safe. Must outlive its pages. Pages that are no longer used stay mapped and accounted as
// KV, ready for the next sequence, until Trim or until the budget needs them.
class KvPool {
 public:
  KvPool(Os& os, MemoryBudget& budget, LayerGroupShape shape);
  ~KvPool();
  const LayerGroupShape& shape() const { return shape_; }

  // A zeroed page; kOverBudget or kNoMemory if there is none to be had.
  Result<PageRef> Allocate();
  // A page of its own with the same contents.
  Result<PageRef> Copy(const PageRef& page);
  uint64_t pages_in_use() const;
  // Gives unused pages back to the machine and the budget; the budget asks for it too when it runs
  // short.
  void Trim();

 private:
  friend class PageRef;
  void Release(PageRef::Page* page);
  uint64_t GiveBack();
  struct State;
  LayerGroupShape shape_;
  std::unique_ptr<State> state_;
};

}  // namespace ledge
