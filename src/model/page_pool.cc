#include "model/page_pool.h"

#include <atomic>
#include <cstring>
#include <mutex>
#include <utility>
#include <vector>

namespace ledge {

struct PageRef::Page {
  PagePool* pool = nullptr;
  std::atomic<uint32_t> references{1};
  Reservation reservation;
  std::unique_ptr<Mapping> memory;
};

PageRef::PageRef(PageRef&& other) noexcept : page_(std::exchange(other.page_, nullptr)) {}

PageRef& PageRef::operator=(PageRef&& other) noexcept {
  std::swap(page_, other.page_);
  return *this;
}

PageRef::~PageRef() {
  if (page_ == nullptr) return;
  // The last reference must see all that others wrote before they let go.
  if (page_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) page_->pool->Release(page_);
}

PageRef PageRef::Share() const {
  if (page_ != nullptr) page_->references.fetch_add(1, std::memory_order_relaxed);
  return PageRef(page_);
}

bool PageRef::shared() const {
  return page_ != nullptr && page_->references.load(std::memory_order_acquire) > 1;
}

std::byte* PageRef::data() const { return page_->memory->writable().data(); }

struct PagePool::State {
  State(Os& o, MemoryBudget& b) : os(o), budget(b) {}

  Os& os;
  MemoryBudget& budget;
  mutable std::mutex mutex;
  std::vector<std::unique_ptr<PageRef::Page>> unused;  // mapped and accounted, contents stale
  uint64_t in_use = 0;
  RevokeRegistration revoke;

  // A page nobody uses, if there is one.
  std::unique_ptr<PageRef::Page> TakeUnused() {
    const std::lock_guard lock(mutex);
    if (unused.empty()) return nullptr;
    auto page = std::move(unused.back());
    unused.pop_back();
    ++in_use;
    return page;
  }
};

PagePool::PagePool(Os& os, MemoryBudget& budget, uint64_t page_bytes)
    : page_bytes_(page_bytes), state_(std::make_unique<State>(os, budget)) {
  state_->revoke = budget.OnRevoke([this](uint64_t) { return GiveBack(); });
}

PagePool::~PagePool() {
  // Before anything else: a callback may be running.
  state_->revoke.Release();
}

Result<PageRef> PagePool::Allocate(Contents contents) {
  // The budget was lowered below what is used: what is merely kept goes first.
  if (state_->budget.used() > state_->budget.total()) GiveBack();
  if (auto page = state_->TakeUnused()) {
    if (contents == Contents::kZeros)
      std::memset(page->memory->writable().data(), 0, page->memory->writable().size());
    page->references.store(1, std::memory_order_relaxed);
    return PageRef(page.release());
  }
  auto page = std::make_unique<PageRef::Page>();
  page->pool = this;
  // No lock is held: the budget may ask pools, this one too, to give back what they don't use.
  LEDGE_TRY(page->reservation, state_->budget.Reserve(MemoryKind::kKv, page_bytes_));
  LEDGE_TRY(page->memory, state_->os.MapAnonymous(page_bytes_));
  const std::lock_guard lock(state_->mutex);
  ++state_->in_use;
  return PageRef(page.release());
}

Result<PageRef> PagePool::Copy(const PageRef& page) {
  LEDGE_TRY(PageRef copy, Allocate(Contents::kAny));
  std::memcpy(copy.data(), page.data(), page_bytes_);
  return copy;
}

void PagePool::Release(PageRef::Page* page) {
  const std::lock_guard lock(state_->mutex);
  --state_->in_use;
  state_->unused.emplace_back(page);
}

uint64_t PagePool::pages_in_use() const {
  const std::lock_guard lock(state_->mutex);
  return state_->in_use;
}

void PagePool::Trim() { GiveBack(); }

uint64_t PagePool::GiveBack() {
  std::vector<std::unique_ptr<PageRef::Page>> dropped;
  {
    const std::lock_guard lock(state_->mutex);
    dropped.swap(state_->unused);
  }
  // Unmapped at the end, outside the lock.
  return dropped.size() * page_bytes_;
}

}  // namespace ledge
