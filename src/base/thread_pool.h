// A fixed team of threads that runs one job at a time, for work measured in microseconds.
//
//   ThreadPool pool(4);
//   pool.Run([&](int thread) {        // on all threads at once; the caller is thread 0
//     Phase1(thread);
//     pool.Barrier();                 // everything before it is visible to everyone after it
//     Phase2(thread);
//   });                               // returns when all threads are done
//
// A waiting thread spins briefly (a barrier between two busy cores costs tens of nanoseconds), then
// sleeps in the kernel: an idle pool uses no CPU, and a pool with more threads than CPUs does not
// spin at all. A pool of one thread never synchronises: Run is a call, Barrier nothing.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <type_traits>
#include <vector>

namespace ledge {

inline constexpr int kMaxPoolThreads = 256;

class ThreadPool {
 public:
  // Starts threads - 1 workers (`threads` is brought into 1..kMaxPoolThreads). Where the system
  // refuses a thread the pool is smaller than asked: threads() tells.
  explicit ThreadPool(int threads);
  // Not inside Run.
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return threads_; }

  // Calls fn(0) .. fn(threads() - 1), each on its own thread, and returns when all have returned.
  // What the caller wrote before is visible to fn; what fn wrote is visible after. `fn` must not
  // throw and must not call Run. One Run at a time: callers on several threads need a lock of their
  // own.
  template <typename F>
  void Run(F&& fn) {
    if (threads_ == 1) {
      fn(0);
      return;
    }
    using Fn = std::remove_reference_t<F>;
    RunJob([](void* job, int thread) { (*static_cast<Fn*>(job))(thread); },
           const_cast<void*>(static_cast<const void*>(std::addressof(fn))));
  }

  // Only inside Run, and by all threads the same number of times: returns when all have called it.
  void Barrier() {
    if (threads_ > 1) BarrierOfMany();
  }

 private:
  using Job = void (*)(void* job, int thread);

  void RunJob(Job job, void* context);
  void BarrierOfMany();
  void WorkerLoop(int thread);
  // Returns a value of `cell` that is not `old`, with acquire order.
  uint32_t WaitForChange(const std::atomic<uint32_t>& cell, uint32_t old) const;

  int threads_ = 1;
  bool spin_ = false;
  Job job_ = nullptr;
  void* context_ = nullptr;
  bool stop_ = false;

  // Each on its own cache line: they are written by different threads at different times.
  alignas(64) std::atomic<uint32_t> generation_{0};  // one more for each Run, and for the end
  alignas(64) std::atomic<uint32_t> running_{0};  // workers that have not finished the current Run
  alignas(64) std::atomic<uint32_t> arrived_{0};  // at the current barrier
  alignas(64) std::atomic<uint32_t> phase_{0};    // barriers passed

  std::vector<std::thread> workers_;
};

// Items [begin, end) of a phase's work.
struct WorkRange {
  uint32_t begin = 0;
  uint32_t end = 0;
};

// Shares out items [0, items) in chunks to whoever asks first, so that a slower core gets less. The
// first `own_chunks` chunks of each thread are fixed, neighbours, and taken without touching shared
// memory: the same core meets the same data again in the next step.
//
//   tickets.Reset(panels, 4, pool.threads(), 1);     // before a barrier (or Run)
//   ...
//   Tickets::Taker taker(tickets, thread);           // after it, one a thread
//   for (WorkRange work; taker.Next(work);) ...
class Tickets {
 public:
  // Only while nobody takes. `chunk` >= 1. With own_chunks = 0 all chunks are dynamic.
  void Reset(uint32_t items, uint32_t chunk, int threads = 1, uint32_t own_chunks = 0);

  class Taker {
   public:
    // `thread` in [0, threads) as given to Reset; at most one Taker a thread between two Resets.
    Taker(Tickets& tickets, int thread);
    // False when nothing is left. Every item is given out exactly once.
    bool Next(WorkRange& range);

   private:
    Tickets& tickets_;
    uint64_t own_;  // next chunk of this thread's fixed share
    uint64_t own_end_;
  };

 private:
  alignas(64) std::atomic<uint64_t> next_{0};  // first chunk not given out
  alignas(64) uint32_t items_ = 0;
  uint32_t chunk_ = 1;
  uint32_t own_chunks_ = 0;
};

}  // namespace ledge
