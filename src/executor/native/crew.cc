#include "executor/native/crew.h"

#include <thread>

#include "os/thread_place.h"

namespace ledge {
namespace {

// About 20 to 50 microseconds: longer than a phase's last ticket takes on a quiet machine.
constexpr int kSpins = 1000;

// Less than a time slice of any scheduler, much more than the call costs.
constexpr auto kOfferEvery = std::chrono::milliseconds(1);

void Pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
  asm volatile("yield");
#endif
}

}  // namespace

Crew::Crew(int threads, uint32_t max_phases)
    : threads_(threads),
      max_phases_(max_phases),
      done_(std::make_unique<Done[]>(max_phases)),
      shares_(std::make_unique<Share[]>(static_cast<size_t>(threads))),
      places_(std::make_unique<Place[]>(static_cast<size_t>(threads))) {
  // With more threads than processors whoever spins keeps the one it waits for from running.
  const unsigned processors = std::thread::hardware_concurrency();
  spin_ = processors == 0 || static_cast<unsigned>(threads) <= processors;
}

void Crew::Begin(const StopFlag& stop) {
  stop_ = &stop;
  abandoned_.store(false, std::memory_order_relaxed);
  for (int thread = 0; thread < threads_; ++thread)
    shares_[static_cast<size_t>(thread)].state.store(0, std::memory_order_relaxed);
  for (uint32_t phase = 0; phase < max_phases_; ++phase)
    done_[phase].store(0, std::memory_order_relaxed);
}

bool Crew::TakeFrom(int owner, uint32_t phase, uint32_t items, uint32_t chunk, WorkRange& range) {
  const uint32_t end = ShareBegin(items, owner + 1);
  std::atomic<uint64_t>& state = shares_[static_cast<size_t>(owner)].state;
  uint64_t seen = state.load(std::memory_order_relaxed);
  for (;;) {
    const uint64_t its_phase = seen >> 32;
    // A later phase has begun, so all of this one is done.
    if (its_phase > phase + 1) return false;
    const uint32_t begin =
        its_phase == phase + 1 ? static_cast<uint32_t>(seen) : ShareBegin(items, owner);
    if (begin >= end) return false;
    const uint32_t next = chunk < end - begin ? begin + chunk : end;
    const uint64_t wanted = uint64_t{phase + 1} << 32 | next;
    if (state.compare_exchange_weak(seen, wanted, std::memory_order_acq_rel,
                                    std::memory_order_relaxed)) {
      range = {begin, next};
      return true;
    }
  }
}

void Crew::WaitFor(Done& done, uint32_t items) const {
  for (int spin = 0; spin_ && spin < kSpins; ++spin) {
    if (done.load(std::memory_order_acquire) >= items) return;
    Pause();
  }
  for (uint32_t seen; (seen = done.load(std::memory_order_acquire)) < items;) {
    done.wait(seen, std::memory_order_acquire);
  }
}

void Crew::LeaveSharedCpu(int thread) {
  Place& mine = places_[static_cast<size_t>(thread)];
  int cpu = CurrentCpu();
  const auto others_on = [&](int wanted) {
    for (int i = 0; i < threads_; ++i) {
      if (i != thread &&
          places_[static_cast<size_t>(i)].cpu.load(std::memory_order_relaxed) == wanted)
        return true;
    }
    return false;
  };
  if (!others_on(cpu)) {
    mine.alone = cpu;
  } else if (mine.alone != cpu && !others_on(mine.alone)) {
    MoveToCpu(mine.alone);
    cpu = CurrentCpu();
  }
  mine.cpu.store(cpu, std::memory_order_relaxed);
}

void Worker::OfferCore() {
  Crew::Place& mine = crew_.places_[static_cast<size_t>(thread_)];
  if (std::chrono::steady_clock::now() - mine.offered < kOfferEvery) return;
  std::this_thread::yield();
  crew_.LeaveSharedCpu(thread_);
  mine.offered = std::chrono::steady_clock::now();
}

bool Worker::Take(uint32_t items, uint32_t chunk, WorkRange& range) {
  FinishTicket(items);
  if (crew_.spin_ && crew_.threads_ > 1) OfferCore();
  if (crew_.abandoned()) return false;
  for (int i = 0; i < crew_.threads_; ++i) {
    const int owner = (thread_ + i) % crew_.threads_;
    if (crew_.TakeFrom(owner, phase_, items, chunk, range)) {
      held_ = range.end - range.begin;
      return true;
    }
  }
  return false;
}

void Worker::FinishTicket(uint32_t items) {
  if (held_ == 0) return;
  // Release: what this ticket wrote is seen by all in later phases.
  const uint32_t before = done().fetch_add(held_, std::memory_order_acq_rel);
  if (before + held_ == items) done().notify_all();
  held_ = 0;
}

void Worker::EndPhase(uint32_t items) {
  FinishTicket(items);
  if (crew_.abandoned()) {
    // Who waits here waits for tickets that this thread or one like it finished or will not take.
    done().fetch_or(Crew::kLeft, std::memory_order_acq_rel);
    done().notify_all();
  } else {
    crew_.WaitFor(done(), items);
  }
  ++phase_;
}

}  // namespace ledge
