// One step's threads: the sequence of phases, tickets for each phase's work, and the decision to
// give a step up.
//
// All threads run the same program inside one ThreadPool::Run. A phase is a loop over tickets; it
// is over when its tickets are done, not when all threads have come by: one that the system has
// taken its core from holds up nobody unless it sits on a ticket, and runs after the others through
// phases that are over. So a thread may touch a phase's data only while it holds one of its
// tickets.
//
// Where another program wants a core, the system takes it from a thread at the end of a time slice
// of a few milliseconds, in the middle of a ticket that all others then wait for as long again. So
// a thread offers its core between two tickets every millisecond, before its slice is over: the
// others go on with its share meanwhile. Where nobody wants the core that is a system call that
// returns. The system may also put two of the threads on one core, since each of them sleeps now
// and then, and leave another core to the other program; then one of the two goes back to where it
// was alone.
//
// Each thread has a share of a phase's items, neighbours and the same in every step, and takes
// tickets from it in order: its weights are one stream, which prefetching can run ahead of. Whoever
// has finished his own share helps with the others'.
//
// When the StopFlag asks, threads stop taking tickets and leave from wherever they are.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>

#include "base/thread_pool.h"
#include "executor/executor.h"

namespace ledge {

class Crew {
 public:
  // `max_phases`: of one step.
  Crew(int threads, uint32_t max_phases);

  int threads() const { return threads_; }
  // Before each run, while no worker exists.
  void Begin(const StopFlag& stop);

  // Whether the step is to be given up; once true it stays true until the next Begin.
  bool abandoned() {
    if (abandoned_.load(std::memory_order_relaxed)) return true;
    if (stop_->get() == StopFlag::Ask::kGoOn) return false;
    abandoned_.store(true, std::memory_order_relaxed);
    return true;
  }
  // After the run: whether any thread left work undone.
  bool gave_up() const { return abandoned_.load(std::memory_order_relaxed); }

 private:
  friend class Worker;
  // What is left of a thread's share. The phase's number in it spares a reset between phases, which
  // a late thread could miss: whoever meets the share of an earlier phase begins that of his own.
  struct alignas(64) Share {
    std::atomic<uint64_t> state{0};  // (phase + 1) << 32 | first item not given out
  };
  // Where a thread was when it last offered its core.
  struct alignas(64) Place {
    std::atomic<int> cpu{-1};
    int alone = -1;  // the last one that no other thread was on
    std::chrono::steady_clock::time_point offered;
  };
  // Items finished of one phase; kLeft or more: somebody left.
  using Done = std::atomic<uint32_t>;
  static constexpr uint32_t kLeft = 1U << 30;

  void WaitFor(Done& done, uint32_t items) const;
  // First item of `thread`'s share.
  uint32_t ShareBegin(uint32_t items, int thread) const {
    return static_cast<uint32_t>(uint64_t{items} * static_cast<uint32_t>(thread) /
                                 static_cast<uint32_t>(threads_));
  }
  void LeaveSharedCpu(int thread);
  bool TakeFrom(int owner, uint32_t phase, uint32_t items, uint32_t chunk, WorkRange& range);

  int threads_;
  uint32_t max_phases_;
  bool spin_;
  std::unique_ptr<Done[]> done_;     // a phase
  std::unique_ptr<Share[]> shares_;  // a thread
  std::unique_ptr<Place[]> places_;  // a thread
  const StopFlag* stop_ = nullptr;
  std::atomic<bool> abandoned_{false};
};

// One thread of a crew.
class Worker {
 public:
  Worker(Crew& crew, int thread) : crew_(crew), thread_(thread) {}

  int thread() const { return thread_; }
  int threads() const { return crew_.threads(); }
  bool abandoned() { return crew_.abandoned(); }

  // Finishes the ticket held, and takes up to `chunk` (>= 1) more of the phase's `items` (the same
  // for all threads, below 2^30). False when none are left or the step is given up.
  bool Take(uint32_t items, uint32_t chunk, WorkRange& range);
  // Whether the item after `range`, which Take gave, comes next: it is in this thread's share.
  bool GoesOn(uint32_t items, WorkRange range) const {
    return range.begin >= crew_.ShareBegin(items, thread_) &&
           range.end < crew_.ShareBegin(items, thread_ + 1);
  }
  // Returns when the phase of `items` is over, or the step given up. After Take returned false.
  void EndPhase(uint32_t items);

 private:
  Crew::Done& done() { return crew_.done_[phase_]; }
  void FinishTicket(uint32_t items);
  // Between two tickets.
  void OfferCore();

  Crew& crew_;
  int thread_;
  uint32_t phase_ = 0;
  uint32_t held_ = 0;  // items of the ticket held
};

// A chunk that gives every thread several tickets, so that a slow core gets fewer.
constexpr uint32_t FairChunk(uint32_t items, int threads) {
  const uint32_t chunk = items / (static_cast<uint32_t>(threads) * 4);
  return chunk > 0 ? chunk : 1;
}

}  // namespace ledge
