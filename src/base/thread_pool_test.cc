#include "base/thread_pool.h"

#include <gtest/gtest.h>

#include <chrono>
#include <ctime>
#include <numeric>
#include <set>

namespace ledge {
namespace {

std::vector<int> TeamSizes() { return {1, 2, 3, 8}; }

TEST(ThreadPool, RunsEveryThreadOnceAndReturnsWhenAllAreDone) {
  for (const int threads : TeamSizes()) {
    ThreadPool pool(threads);
    ASSERT_EQ(pool.threads(), threads);
    std::vector<int> calls(static_cast<size_t>(threads), 0);
    constexpr int kRuns = 300;
    for (int run = 0; run < kRuns; ++run) {
      pool.Run([&](int thread) { ++calls[static_cast<size_t>(thread)]; });
    }
    for (const int count : calls) EXPECT_EQ(count, kRuns);
  }
}

TEST(ThreadPool, TheCallerIsThreadZeroAndOthersAreNot) {
  ThreadPool pool(3);
  std::vector<std::thread::id> ids(3);
  pool.Run([&](int thread) { ids[static_cast<size_t>(thread)] = std::this_thread::get_id(); });
  EXPECT_EQ(ids[0], std::this_thread::get_id());
  EXPECT_EQ(std::set<std::thread::id>(ids.begin(), ids.end()).size(), 3u);
}

// Each phase sums what all threads wrote in the phase before: wrong as soon as one runs ahead or
// lags.
TEST(ThreadPool, BarrierSeparatesPhases) {
  for (const int threads : TeamSizes()) {
    ThreadPool pool(threads);
    const auto n = static_cast<size_t>(threads);
    std::vector<uint64_t> from(n, 1);
    std::vector<uint64_t> to(n, 0);
    constexpr int kPhases = 200;
    pool.Run([&](int thread) {
      for (int phase = 0; phase < kPhases; ++phase) {
        auto& read = phase % 2 == 0 ? from : to;
        auto& write = phase % 2 == 0 ? to : from;
        const uint64_t sum = std::accumulate(read.begin(), read.end(), uint64_t{0});
        write[static_cast<size_t>(thread)] = (sum + 1) % 1'000'003;
        pool.Barrier();
      }
    });
    uint64_t expected = 1;
    for (int phase = 0; phase < kPhases; ++phase) expected = (expected * n + 1) % 1'000'003;
    for (const uint64_t value : from) EXPECT_EQ(value, expected);
  }
}

TEST(ThreadPool, BarrierWaitsForASleeper) {
  ThreadPool pool(2);
  int written = 0;
  int read = 0;
  pool.Run([&](int thread) {
    if (thread == 1) {
      // Far beyond the spin, so that thread 0 is asleep when it is woken.
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      written = 7;
    }
    pool.Barrier();
    if (thread == 0) read = written;
  });
  EXPECT_EQ(read, 7);
}

TEST(ThreadPool, WakesAfterSleepingBetweenRuns) {
  ThreadPool pool(3);
  std::atomic<int> calls{0};
  for (int run = 0; run < 5; ++run) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
    pool.Run([&](int) { calls.fetch_add(1); });
  }
  EXPECT_EQ(calls.load(), 15);
}

TEST(ThreadPool, UsesNoCpuWhenIdle) {
  ThreadPool pool(4);
  pool.Run([](int) {});
  const std::clock_t before = std::clock();
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  const double used = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
  EXPECT_LT(used, 0.05);
}

TEST(ThreadPool, WorksWithManyMoreThreadsThanCpus) {
  ThreadPool pool(64);
  std::atomic<int> calls{0};
  pool.Run([&](int) {
    for (int i = 0; i < 10; ++i) {
      calls.fetch_add(1, std::memory_order_relaxed);
      pool.Barrier();
    }
  });
  EXPECT_EQ(calls.load(), 10 * pool.threads());
}

TEST(ThreadPool, BringsTheThreadCountIntoItsLimits) {
  EXPECT_EQ(ThreadPool(0).threads(), 1);
  EXPECT_EQ(ThreadPool(-5).threads(), 1);
  EXPECT_LE(ThreadPool(1'000'000).threads(), kMaxPoolThreads);
}

TEST(ThreadPool, IsDestroyedWithoutHavingRun) { ThreadPool pool(4); }

TEST(Tickets, GiveEveryItemOutOnce) {
  ThreadPool pool(4);
  Tickets tickets;
  for (const uint32_t items : {0u, 1u, 5u, 64u, 1001u}) {
    for (const uint32_t chunk : {1u, 3u, 16u, 5000u}) {
      for (const uint32_t own : {0u, 1u, 7u}) {
        std::vector<std::atomic<int>> seen(items);
        tickets.Reset(items, chunk, pool.threads(), own);
        pool.Run([&](int thread) {
          Tickets::Taker taker(tickets, thread);
          for (WorkRange work; taker.Next(work);) {
            ASSERT_LT(work.begin, work.end);
            ASSERT_LE(work.end - work.begin, chunk);
            for (uint32_t i = work.begin; i < work.end; ++i) seen[i].fetch_add(1);
          }
        });
        for (const auto& count : seen) ASSERT_EQ(count.load(), 1) << items << " by " << chunk;
      }
    }
  }
}

TEST(Tickets, StartEachThreadWithItsOwnNeighbours) {
  Tickets tickets;
  tickets.Reset(100, 10, 2, 3);
  Tickets::Taker second(tickets, 1);
  std::vector<uint32_t> begins;
  for (WorkRange work; second.Next(work);) begins.push_back(work.begin);
  EXPECT_EQ(begins, (std::vector<uint32_t>{30, 40, 50, 60, 70, 80, 90}));
  Tickets::Taker first(tickets, 0);
  begins.clear();
  for (WorkRange work; first.Next(work);) begins.push_back(work.begin);
  EXPECT_EQ(begins, (std::vector<uint32_t>{0, 10, 20}));
}

}  // namespace
}  // namespace ledge
