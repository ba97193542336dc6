// How much memory may be used, and for what: one budget a process, out of which parties reserve
// before they allocate. It hands out permission, not memory.
//
//   LEDGE_TRY(Reservation kv, budget.Reserve(MemoryKind::kKv, bytes));
//   LEDGE_CHECK_OK(kv.Grow(page_bytes));      // and later
//   kv.Shrink(page_bytes);                    // the rest is given back by the destructor
//
// A party that holds memory it can do without (a prefix cache) registers a revoke callback. When a
// request does not fit, the callbacks are asked in the order of their registration, without any
// lock held, until it fits, and the request is tried once more. A request that still does not fit
// fails at once: nobody waits inside the budget, so nothing can deadlock or starve in it; who has
// to wait queues above.
//
// All methods may be called from any thread, also from inside a callback (which is not called again
// by a request that itself makes). A Reservation itself is used by one thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string_view>

#include "base/result.h"

namespace ledge {

enum class MemoryKind { kWeights, kKv, kPrefix, kScratch };
inline constexpr size_t kMemoryKinds = 4;
std::string_view MemoryKindName(MemoryKind kind);  // "weights", "kv", "prefix", "scratch"

// Frees up to `bytes` (by shrinking or dropping its reservations) and returns how much it freed.
// Called from the thread whose request did not fit.
using RevokeCallback = std::function<uint64_t(uint64_t bytes)>;

namespace internal {
struct BudgetState;
}

// Movable. Outlives the budget if it must: the numbers stay with it.
class Reservation {
 public:
  Reservation() = default;
  Reservation(Reservation&& other) noexcept;
  Reservation& operator=(Reservation&& other) noexcept;
  ~Reservation() { Release(); }

  uint64_t bytes() const { return bytes_; }
  MemoryKind kind() const { return kind_; }
  // kOverBudget leaves it as it was. kInternal for one without a budget (moved from, or
  // default-made).
  Result<void> Grow(uint64_t bytes);
  // At most what it has.
  void Shrink(uint64_t bytes);
  void Release() { Shrink(bytes_); }

 private:
  friend class MemoryBudget;
  Reservation(std::shared_ptr<internal::BudgetState> state, MemoryKind kind, uint64_t bytes);
  std::shared_ptr<internal::BudgetState> state_;
  MemoryKind kind_ = MemoryKind::kScratch;
  uint64_t bytes_ = 0;
};

// While it lives the callback may be called. Its destructor waits until no call is running (but for
// one on its own thread), so the callback may refer to its owner.
class RevokeRegistration {
 public:
  RevokeRegistration() = default;
  RevokeRegistration(RevokeRegistration&& other) noexcept;
  RevokeRegistration& operator=(RevokeRegistration&& other) noexcept;
  ~RevokeRegistration() { Release(); }
  void Release();

 private:
  friend class MemoryBudget;
  std::shared_ptr<internal::BudgetState> state_;
  uint64_t id_ = 0;
};

class MemoryBudget {
 public:
  // Large enough that no sum of real sizes reaches it, small enough that none overflows.
  static constexpr uint64_t kUnlimited = std::numeric_limits<int64_t>::max();

  explicit MemoryBudget(uint64_t total_bytes = kUnlimited);

  // kOverBudget, with the numbers, if it does not fit.
  Result<Reservation> Reserve(MemoryKind kind, uint64_t bytes);
  [[nodiscard]] RevokeRegistration OnRevoke(RevokeCallback callback);

  uint64_t total() const;
  uint64_t used() const;
  uint64_t used(MemoryKind kind) const;
  uint64_t available() const;
  // A consistent picture of all kinds, by MemoryKind.
  std::array<uint64_t, kMemoryKinds> UsedByKind() const;
  // Lowering it below what is used takes nothing away; new requests fail until enough is given
  // back.
  void SetTotal(uint64_t total_bytes);

 private:
  std::shared_ptr<internal::BudgetState> state_;
};

}  // namespace ledge
