#include "base/memory_budget.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/units.h"

namespace ledge {
namespace internal {

struct Revoker {
  uint64_t id = 0;
  RevokeCallback callback;
  std::vector<std::thread::id> running;  // the threads that are inside the callback
};

struct BudgetState {
  mutable std::mutex mutex;
  std::condition_variable idle;  // a callback returned
  uint64_t total = 0;
  uint64_t used = 0;
  std::array<uint64_t, kMemoryKinds> by_kind = {};
  std::vector<std::shared_ptr<Revoker>> revokers;
  uint64_t next_id = 1;

  // With the lock held.
  bool Fits(uint64_t bytes) const { return used <= total && bytes <= total - used; }
  void Add(MemoryKind kind, uint64_t bytes) {
    used += bytes;
    by_kind[static_cast<size_t>(kind)] += bytes;
  }
  Error Refusal(MemoryKind kind, uint64_t bytes) const;

  bool TryTake(MemoryKind kind, uint64_t bytes) {
    const std::lock_guard guard(mutex);
    if (!Fits(bytes)) return false;
    Add(kind, bytes);
    return true;
  }
  Result<void> Take(MemoryKind kind, uint64_t bytes);
  void AskToRevoke(uint64_t bytes);
  void Call(Revoker& revoker, uint64_t bytes, std::unique_lock<std::mutex>& lock);
};

Error BudgetState::Refusal(MemoryKind kind, uint64_t bytes) const {
  const std::lock_guard guard(mutex);
  return MakeError(
      Code::kOverBudget,
      "{} ({} bytes) more for {} do not fit into the memory budget of {}: weights use {}, kv {}, "
      "prefix {}, scratch {}; raise --memory-budget or use less",
      FormatSize(bytes), bytes, MemoryKindName(kind), FormatSize(total), FormatSize(by_kind[0]),
      FormatSize(by_kind[1]), FormatSize(by_kind[2]), FormatSize(by_kind[3]));
}

Result<void> BudgetState::Take(MemoryKind kind, uint64_t bytes) {
  if (TryTake(kind, bytes)) return {};
  AskToRevoke(bytes);
  if (TryTake(kind, bytes)) return {};
  return Refusal(kind, bytes);
}

void BudgetState::AskToRevoke(uint64_t bytes) {
  std::unique_lock lock(mutex);
  if (bytes > total) return;  // it can never fit: nobody has to give anything up for it
  const std::vector<std::shared_ptr<Revoker>> asked = revokers;
  for (const std::shared_ptr<Revoker>& revoker : asked) {
    if (Fits(bytes)) return;
    Call(*revoker, used > total ? bytes + (used - total) : bytes - (total - used), lock);
  }
}

void BudgetState::Call(Revoker& revoker, uint64_t bytes, std::unique_lock<std::mutex>& lock) {
  const std::thread::id self = std::this_thread::get_id();
  const auto inside = [&] {
    return std::find(revoker.running.begin(), revoker.running.end(), self);
  };
  const bool registered = std::any_of(revokers.begin(), revokers.end(),
                                      [&](const auto& each) { return each->id == revoker.id; });
  if (!registered || inside() != revoker.running.end()) return;
  revoker.running.push_back(self);
  lock.unlock();
  (void)revoker.callback(bytes);
  lock.lock();
  revoker.running.erase(inside());
  idle.notify_all();
}

}  // namespace internal

std::string_view MemoryKindName(MemoryKind kind) {
  constexpr std::string_view kNames[kMemoryKinds] = {"weights", "kv", "prefix", "scratch"};
  return kNames[static_cast<size_t>(kind)];
}

Reservation::Reservation(std::shared_ptr<internal::BudgetState> state, MemoryKind kind,
                         uint64_t bytes)
    : state_(std::move(state)), kind_(kind), bytes_(bytes) {}

Reservation::Reservation(Reservation&& other) noexcept
    : state_(std::move(other.state_)), kind_(other.kind_), bytes_(std::exchange(other.bytes_, 0)) {}

Reservation& Reservation::operator=(Reservation&& other) noexcept {
  if (this != &other) {
    Release();
    state_ = std::move(other.state_);
    kind_ = other.kind_;
    bytes_ = std::exchange(other.bytes_, 0);
  }
  return *this;
}

Result<void> Reservation::Grow(uint64_t bytes) {
  if (state_ == nullptr) {
    return MakeError(Code::kInternal, "a reservation without a budget cannot grow");
  }
  LEDGE_CHECK_OK(state_->Take(kind_, bytes));
  bytes_ += bytes;
  return {};
}

void Reservation::Shrink(uint64_t bytes) {
  bytes = std::min(bytes, bytes_);
  if (bytes == 0) return;
  bytes_ -= bytes;
  const std::lock_guard guard(state_->mutex);
  state_->used -= bytes;
  state_->by_kind[static_cast<size_t>(kind_)] -= bytes;
}

RevokeRegistration::RevokeRegistration(RevokeRegistration&& other) noexcept
    : state_(std::move(other.state_)), id_(std::exchange(other.id_, 0)) {}

RevokeRegistration& RevokeRegistration::operator=(RevokeRegistration&& other) noexcept {
  if (this != &other) {
    Release();
    state_ = std::move(other.state_);
    id_ = std::exchange(other.id_, 0);
  }
  return *this;
}

void RevokeRegistration::Release() {
  if (state_ == nullptr) return;
  const auto state = std::move(state_);
  std::unique_lock lock(state->mutex);
  const auto at = std::find_if(state->revokers.begin(), state->revokers.end(),
                               [&](const auto& each) { return each->id == id_; });
  if (at == state->revokers.end()) return;
  const std::shared_ptr<internal::Revoker> revoker = *at;
  state->revokers.erase(at);
  const std::thread::id self = std::this_thread::get_id();
  state->idle.wait(lock, [&] {
    return std::all_of(revoker->running.begin(), revoker->running.end(),
                       [&](std::thread::id thread) { return thread == self; });
  });
}

MemoryBudget::MemoryBudget(uint64_t total_bytes)
    : state_(std::make_shared<internal::BudgetState>()) {
  SetTotal(total_bytes);
}

Result<Reservation> MemoryBudget::Reserve(MemoryKind kind, uint64_t bytes) {
  LEDGE_CHECK_OK(state_->Take(kind, bytes));
  return Reservation(state_, kind, bytes);
}

RevokeRegistration MemoryBudget::OnRevoke(RevokeCallback callback) {
  RevokeRegistration registration;
  const std::lock_guard guard(state_->mutex);
  registration.state_ = state_;
  registration.id_ = state_->next_id++;
  auto revoker = std::make_shared<internal::Revoker>();
  revoker->id = registration.id_;
  revoker->callback = std::move(callback);
  state_->revokers.push_back(std::move(revoker));
  return registration;
}

uint64_t MemoryBudget::total() const {
  const std::lock_guard guard(state_->mutex);
  return state_->total;
}

uint64_t MemoryBudget::used() const {
  const std::lock_guard guard(state_->mutex);
  return state_->used;
}

uint64_t MemoryBudget::used(MemoryKind kind) const {
  return UsedByKind()[static_cast<size_t>(kind)];
}

uint64_t MemoryBudget::available() const {
  const std::lock_guard guard(state_->mutex);
  return state_->used < state_->total ? state_->total - state_->used : 0;
}

std::array<uint64_t, kMemoryKinds> MemoryBudget::UsedByKind() const {
  const std::lock_guard guard(state_->mutex);
  return state_->by_kind;
}

void MemoryBudget::SetTotal(uint64_t total_bytes) {
  const std::lock_guard guard(state_->mutex);
  state_->total = std::min(total_bytes, kUnlimited);
}

}  // namespace ledge
