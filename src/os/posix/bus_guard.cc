#include "os/posix/bus_guard.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <utility>

namespace ledge::posix {
namespace {

struct Slot {
  std::atomic<uintptr_t> begin{kFree};
  std::atomic<uintptr_t> end{0};
  std::atomic<bool> damaged{false};

  static constexpr uintptr_t kFree = 0;
  static constexpr uintptr_t kTaken = 1;  // no page begins there
};
static_assert(std::atomic<uintptr_t>::is_always_lock_free);
static_assert(std::atomic<bool>::is_always_lock_free);

constinit std::array<Slot, kMaxGuardedMappings> slots;
constinit std::atomic<uintptr_t> page_size{4096};
struct sigaction previous;  // written once, before the handler is in force

bool ReplaceFrom(uintptr_t address, Slot& slot, uintptr_t end) {
  slot.damaged.store(true, std::memory_order_release);
  const uintptr_t page = address & ~(page_size.load(std::memory_order_relaxed) - 1);
  void* const zeros = ::mmap(reinterpret_cast<void*>(page), end - page, PROT_READ,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
  return zeros != MAP_FAILED;
}

bool Repaired(uintptr_t address) {
  for (Slot& slot : slots) {
    const uintptr_t begin = slot.begin.load(std::memory_order_acquire);
    if (begin <= Slot::kTaken || address < begin) continue;
    const uintptr_t end = slot.end.load(std::memory_order_acquire);
    if (address < end && slot.begin.load(std::memory_order_acquire) == begin) {
      return ReplaceFrom(address, slot, end);
    }
  }
  return false;
}

void Chain(int signal, siginfo_t* info, void* context) {
  if ((previous.sa_flags & SA_SIGINFO) != 0 && previous.sa_sigaction != nullptr) {
    previous.sa_sigaction(signal, info, context);
    return;
  }
  if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) {
    previous.sa_handler(signal);
    return;
  }
  const bool sent = info->si_code <= 0;  // by kill or raise, not by a fault
  if (sent && previous.sa_handler == SIG_IGN) return;
  struct sigaction action = {};
  action.sa_handler = SIG_DFL;
  ::sigaction(signal, &action, nullptr);
  if (sent) ::raise(signal);  // a fault comes again by itself when the instruction is repeated
}

void OnBusError(int signal, siginfo_t* info, void* context) {
  const int saved = errno;
  const bool fault = info->si_code > 0;
  if (!fault || !Repaired(reinterpret_cast<uintptr_t>(info->si_addr))) {
    Chain(signal, info, context);
  }
  errno = saved;
}

void Install() {
  page_size.store(static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE)), std::memory_order_relaxed);
  ::sigaction(SIGBUS, nullptr, &previous);
  struct sigaction action = {};
  action.sa_sigaction = OnBusError;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  ::sigemptyset(&action.sa_mask);
  ::sigaction(SIGBUS, &action, nullptr);
}

}  // namespace

Result<BusGuard> BusGuard::Watch(const void* begin, size_t size) {
  static std::once_flag installed;
  std::call_once(installed, Install);
  const uintptr_t page = page_size.load(std::memory_order_relaxed);
  for (int i = 0; i < kMaxGuardedMappings; ++i) {
    Slot& slot = slots[static_cast<size_t>(i)];
    uintptr_t expected = Slot::kFree;
    if (!slot.begin.compare_exchange_strong(expected, Slot::kTaken)) continue;
    const auto address = reinterpret_cast<uintptr_t>(begin);
    slot.damaged.store(false, std::memory_order_relaxed);
    slot.end.store(address + (size + page - 1) / page * page, std::memory_order_release);
    slot.begin.store(address, std::memory_order_release);
    return BusGuard(i);
  }
  return MakeError(Code::kNoMemory, "{} files are mapped already; close some first",
                   kMaxGuardedMappings);
}

BusGuard::BusGuard(BusGuard&& other) noexcept : slot_(std::exchange(other.slot_, -1)) {}

BusGuard::~BusGuard() {
  if (slot_ >= 0) slots[static_cast<size_t>(slot_)].begin.store(Slot::kFree);
}

bool BusGuard::damaged() const {
  return slot_ >= 0 && slots[static_cast<size_t>(slot_)].damaged.load(std::memory_order_acquire);
}

}  // namespace ledge::posix
