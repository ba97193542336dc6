// One step's threads: the sequence of phases, tickets for each phase's work, and the decision to
// give a step up.
//
// All threads run the same program inside one ThreadPool::Run. A phase is a loop over tickets; it
// is over when its tickets are done, not when all threads have come by: one that the system has
// taken its core from holds up nobody unless it sits on a ticket, and runs after the others through
// phases that are over. So a thread may touch a phase's data only while it holds one of its
// tickets.
//
// When the StopFlag asks, threads stop taking tickets and leave from wherever they are.
#pragma once

#include <atomic>
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
  struct Phase {
    std::atomic<uint32_t> next{0};  // first item not given out
    std::atomic<uint32_t> done{0};  // items finished; kLeft or more: somebody left
  };
  static constexpr uint32_t kLeft = 1U << 30;

  void WaitFor(std::atomic<uint32_t>& done, uint32_t items) const;

  int threads_;
  uint32_t max_phases_;
  bool spin_;
  std::unique_ptr<Phase[]> phases_;
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
  // Returns when the phase of `items` is over, or the step given up. After Take returned false.
  void EndPhase(uint32_t items);

 private:
  Crew::Phase& phase() { return crew_.phases_[phase_]; }
  void FinishTicket(uint32_t items);

  Crew& crew_;
  int thread_;
  uint32_t phase_ = 0;
  uint32_t held_ = 0;  // items of the ticket held
};

inline bool Worker::Take(uint32_t items, uint32_t chunk, WorkRange& range) {
  FinishTicket(items);
  if (crew_.abandoned()) return false;
  auto& next = phase().next;
  // Looking first keeps the counter from running away when many threads ask after the end.
  if (next.load(std::memory_order_relaxed) >= items) return false;
  const uint32_t begin = next.fetch_add(chunk, std::memory_order_acq_rel);
  if (begin >= items) return false;
  range.begin = begin;
  range.end = chunk < items - begin ? begin + chunk : items;
  held_ = range.end - range.begin;
  return true;
}

// A chunk that gives every thread several tickets, so that a slow core gets fewer.
constexpr uint32_t FairChunk(uint32_t items, int threads) {
  const uint32_t chunk = items / (static_cast<uint32_t>(threads) * 4);
  return chunk > 0 ? chunk : 1;
}

}  // namespace ledge
