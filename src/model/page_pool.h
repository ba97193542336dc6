// Blocks of memory of one size that sequences are made of: pages of KV cache, recurrent states.
// They are counted by reference: sequences with the same beginning share them, and a shared one is
// never written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/memory_budget.h"
#include "os/os.h"

namespace ledge {

class PagePool;

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
  friend class PagePool;
  struct Page;
  explicit PageRef(Page* page) : page_(page) {}
  Page* page_ = nullptr;
};

// Thread-safe. Must outlive its pages. Pages that are no longer used stay mapped and accounted as
// KV, ready for the next sequence, until Trim or until the budget needs them.
class PagePool {
 public:
  PagePool(Os& os, MemoryBudget& budget, uint64_t page_bytes);
  ~PagePool();
  uint64_t page_bytes() const { return page_bytes_; }

  enum class Contents { kZeros, kAny };
  // kOverBudget or kNoMemory if there is none to be had.
  Result<PageRef> Allocate(Contents contents = Contents::kZeros);
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
  uint64_t page_bytes_;
  std::unique_ptr<State> state_;
};

}  // namespace ledge
