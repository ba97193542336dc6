// One step's threads: a shared position in the sequence of phases, tickets for the phase's work, and the
// decision to give a step up.
//
// All threads run the same program inside one ThreadPool::Run. A phase is a loop over tickets that ends in a
// barrier; the ticket counters rotate, so that no phase needs a barrier to reset them. When the StopFlag asks,
// threads stop taking tickets but still walk through all barriers, so they leave together whatever moment
// each of them saw the flag.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "base/thread_pool.h"
#include "executor/executor.h"

namespace ledge {

class Crew {
 public:
  Crew(ThreadPool& pool, const StopFlag& stop) : pool_(pool), stop_(stop) {}

  int threads() const { return pool_.threads(); }
  // Whether the step is to be given up; once true it stays true.
  bool abandoned() {
    if (abandoned_.load(std::memory_order_relaxed)) return true;
    if (stop_.get() == StopFlag::Ask::kGoOn) return false;
    abandoned_.store(true, std::memory_order_relaxed);
    return true;
  }
  // After the run: whether any thread left work undone.
  bool gave_up() const { return abandoned_.load(std::memory_order_relaxed); }

 private:
  friend class Worker;
  static constexpr uint32_t kCounters = 4;
  struct alignas(64) Counter {
    std::atomic<uint32_t> next{0};
  };

  ThreadPool& pool_;
  const StopFlag& stop_;
  std::atomic<bool> abandoned_{false};
  std::array<Counter, kCounters> counters_;
};

// One thread of a crew.
class Worker {
 public:
  Worker(Crew& crew, int thread) : crew_(crew), thread_(thread) {}

  int thread() const { return thread_; }
  int threads() const { return crew_.threads(); }
  bool abandoned() { return crew_.abandoned(); }

  // Takes up to `chunk` (>= 1) of the phase's `items`, which must be the same for all threads. False when none
  // are left or the step is given up.
  bool Take(uint32_t items, uint32_t chunk, WorkRange& range) {
    if (crew_.abandoned()) return false;
    auto& next = crew_.counters_[phase_ % Crew::kCounters].next;
    // Looking first keeps the counter from running away when many threads ask after the end.
    if (next.load(std::memory_order_relaxed) >= items) return false;
    const uint32_t begin = next.fetch_add(chunk, std::memory_order_relaxed);
    if (begin >= items) return false;
    range.begin = begin;
    range.end = chunk < items - begin ? begin + chunk : items;
    return true;
  }

  // Returns when all threads have finished the phase.
  void EndPhase() {
    crew_.pool_.Barrier();
    // The phase that just ended is the last to have touched its counter; three more pass before its next use.
    if (thread_ == 0) crew_.counters_[phase_ % Crew::kCounters].next.store(0, std::memory_order_relaxed);
    ++phase_;
  }

 private:
  Crew& crew_;
  int thread_;
  uint32_t phase_ = 0;
};

// A chunk that gives every thread several tickets, so that a slow core gets fewer.
constexpr uint32_t FairChunk(uint32_t items, int threads) {
  const uint32_t chunk = items / (static_cast<uint32_t>(threads) * 4);
  return chunk > 0 ? chunk : 1;
}

}  // namespace ledge
