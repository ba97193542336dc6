#include "base/thread_pool.h"

#include <algorithm>
#include <chrono>
#include <system_error>

namespace ledge {
namespace {

// Longer than any phase's imbalance on a quiet machine, shorter than a scheduler's time slice.
constexpr auto kSpinTime = std::chrono::microseconds(40);
// Looks at the cell between two looks at the clock.
constexpr int kSpinsPerClock = 64;

void Pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
  asm volatile("yield");
#endif
}

}  // namespace

ThreadPool::ThreadPool(int threads) {
  const int wanted = std::clamp(threads, 1, kMaxPoolThreads);
  // Before any worker starts: workers read threads_ and workers_' size never.
  workers_.reserve(static_cast<size_t>(wanted - 1));
  try {
    while (threads_ < wanted) {
      workers_.emplace_back([this, thread = threads_] { WorkerLoop(thread); });
      ++threads_;
    }
  } catch (const std::system_error&) {
    // A limit of the system (RLIMIT_NPROC, pids cgroup): go on with those that did start.
  }
  const unsigned cpus = std::thread::hardware_concurrency();
  spin_ = cpus == 0 || static_cast<unsigned>(threads_) <= cpus;
}

ThreadPool::~ThreadPool() {
  stop_ = true;
  generation_.fetch_add(1, std::memory_order_release);
  generation_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

uint32_t ThreadPool::WaitForChange(const std::atomic<uint32_t>& cell, uint32_t old) const {
  uint32_t value = cell.load(std::memory_order_acquire);
  if (value != old) return value;
  if (spin_) {
    const auto start = std::chrono::steady_clock::now();
    do {
      for (int i = 0; i < kSpinsPerClock; ++i) {
        value = cell.load(std::memory_order_acquire);
        if (value != old) return value;
        Pause();
      }
    } while (std::chrono::steady_clock::now() - start < kSpinTime);
  }
  while ((value = cell.load(std::memory_order_acquire)) == old) {
    cell.wait(old, std::memory_order_acquire);
  }
  return value;
}

void ThreadPool::RunJob(Job job, void* context) {
  job_ = job;
  context_ = context;
  running_.store(static_cast<uint32_t>(threads_ - 1), std::memory_order_relaxed);
  generation_.fetch_add(1, std::memory_order_release);
  generation_.notify_all();
  job(context, 0);
  uint32_t left = running_.load(std::memory_order_acquire);
  while (left != 0) left = WaitForChange(running_, left);
}

void ThreadPool::WorkerLoop(int thread) {
  // The constructor may still be starting others, so nothing but the atomics is read before the
  // first Run.
  uint32_t seen = 0;
  // Until the first Run there is nothing to be quick for.
  while (generation_.load(std::memory_order_acquire) == seen) {
    generation_.wait(seen, std::memory_order_acquire);
  }
  for (;;) {
    // A worker can't miss a generation: the next Run begins only after this one's end was counted.
    ++seen;
    if (stop_) return;
    job_(context_, thread);
    if (running_.fetch_sub(1, std::memory_order_acq_rel) == 1) running_.notify_all();
    WaitForChange(generation_, seen);
  }
}

void ThreadPool::BarrierOfMany() {
  // Sense-reversing barrier (Mellor-Crummey and Scott, 1991): the last to arrive opens the next
  // phase.
  const uint32_t phase = phase_.load(std::memory_order_relaxed);
  if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == static_cast<uint32_t>(threads_)) {
    arrived_.store(0, std::memory_order_relaxed);
    phase_.store(phase + 1, std::memory_order_release);
    phase_.notify_all();
    return;
  }
  WaitForChange(phase_, phase);
}

void Tickets::Reset(uint32_t items, uint32_t chunk, int threads, uint32_t own_chunks) {
  items_ = items;
  chunk_ = std::max<uint32_t>(chunk, 1);
  own_chunks_ = own_chunks;
  next_.store(uint64_t{own_chunks} * static_cast<uint64_t>(std::max(threads, 1)),
              std::memory_order_relaxed);
}

Tickets::Taker::Taker(Tickets& tickets, int thread)
    : tickets_(tickets),
      own_(uint64_t{tickets.own_chunks_} * static_cast<uint64_t>(thread)),
      own_end_(own_ + tickets.own_chunks_) {}

bool Tickets::Taker::Next(WorkRange& range) {
  const uint64_t items = tickets_.items_;
  uint64_t chunk = own_;
  if (own_ < own_end_) {
    ++own_;
  } else {
    chunk = tickets_.next_.fetch_add(1, std::memory_order_relaxed);
  }
  const uint64_t begin = chunk * tickets_.chunk_;
  // Chunks past the end of the fixed share don't exist when there is little work; later ones don't
  // either.
  if (begin >= items) return false;
  range.begin = static_cast<uint32_t>(begin);
  range.end = static_cast<uint32_t>(std::min<uint64_t>(begin + tickets_.chunk_, items));
  return true;
}

}  // namespace ledge
