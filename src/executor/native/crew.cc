#include "executor/native/crew.h"

#include <thread>

namespace ledge {
namespace {

// About 20 to 50 microseconds: longer than a phase's last ticket takes on a quiet machine.
constexpr int kSpins = 1000;

void Pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
  asm volatile("yield");
#endif
}

}  // namespace

Crew::Crew(int threads, uint32_t max_phases)
    : threads_(threads), max_phases_(max_phases), phases_(std::make_unique<Phase[]>(max_phases)) {
  // With more threads than processors whoever spins keeps the one it waits for from running.
  const unsigned processors = std::thread::hardware_concurrency();
  spin_ = processors == 0 || static_cast<unsigned>(threads) <= processors;
}

void Crew::Begin(const StopFlag& stop) {
  stop_ = &stop;
  abandoned_.store(false, std::memory_order_relaxed);
  for (uint32_t phase = 0; phase < max_phases_; ++phase) {
    phases_[phase].next.store(0, std::memory_order_relaxed);
    phases_[phase].done.store(0, std::memory_order_relaxed);
  }
}

void Crew::WaitFor(std::atomic<uint32_t>& done, uint32_t items) const {
  for (int spin = 0; spin_ && spin < kSpins; ++spin) {
    if (done.load(std::memory_order_acquire) >= items) return;
    Pause();
  }
  for (uint32_t seen; (seen = done.load(std::memory_order_acquire)) < items;) {
    done.wait(seen, std::memory_order_acquire);
  }
}

void Worker::FinishTicket(uint32_t items) {
  if (held_ == 0) return;
  // Release: what this ticket wrote is seen by all in later phases.
  const uint32_t before = phase().done.fetch_add(held_, std::memory_order_acq_rel);
  if (before + held_ == items) phase().done.notify_all();
  held_ = 0;
}

void Worker::EndPhase(uint32_t items) {
  FinishTicket(items);
  if (crew_.abandoned()) {
    // Who waits here waits for tickets that this thread or one like it finished or will not take.
    phase().done.fetch_or(Crew::kLeft, std::memory_order_acq_rel);
    phase().done.notify_all();
  } else {
    crew_.WaitFor(phase().done, items);
  }
  ++phase_;
}

}  // namespace ledge
