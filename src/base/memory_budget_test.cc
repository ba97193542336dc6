#include "base/memory_budget.h"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <optional>
#include <random>
#include <thread>
#include <vector>

#include "testing/result_matchers.h"

namespace ledge {
namespace {

TEST(MemoryBudget, CountsByKindAndGivesBack) {
  MemoryBudget budget(1000);
  {
    ASSERT_OK_AND_ASSIGN(const Reservation weights, budget.Reserve(MemoryKind::kWeights, 600));
    ASSERT_OK_AND_ASSIGN(const Reservation kv, budget.Reserve(MemoryKind::kKv, 400));
    EXPECT_EQ(budget.used(), 1000u);
    EXPECT_EQ(budget.available(), 0u);
    EXPECT_EQ(budget.used(MemoryKind::kWeights), 600u);
    EXPECT_EQ(budget.UsedByKind(), (std::array<uint64_t, 4>{600, 400, 0, 0}));
  }
  EXPECT_EQ(budget.used(), 0u);
  EXPECT_EQ(budget.UsedByKind(), (std::array<uint64_t, 4>{}));
}

TEST(MemoryBudget, RefusalHasTheNumbersAndChangesNothing) {
  MemoryBudget budget(1000);
  ASSERT_OK_AND_ASSIGN(const Reservation weights, budget.Reserve(MemoryKind::kWeights, 600));
  EXPECT_ERROR(budget.Reserve(MemoryKind::kKv, 401), Code::kOverBudget,
               "401 B (401 bytes) more for kv");
  EXPECT_ERROR(budget.Reserve(MemoryKind::kKv, 401), Code::kOverBudget, "weights use 600 B");
  EXPECT_EQ(budget.used(), 600u);
}

TEST(MemoryBudget, HugeRequestsDoNotWrap) {
  MemoryBudget budget(1000);
  ASSERT_OK_AND_ASSIGN(const Reservation one, budget.Reserve(MemoryKind::kKv, 1));
  EXPECT_ERROR(budget.Reserve(MemoryKind::kKv, UINT64_MAX), Code::kOverBudget, "");
  MemoryBudget unlimited;
  ASSERT_OK_AND_ASSIGN(const Reservation most,
                       unlimited.Reserve(MemoryKind::kKv, MemoryBudget::kUnlimited));
  EXPECT_ERROR(unlimited.Reserve(MemoryKind::kKv, UINT64_MAX), Code::kOverBudget, "");
  EXPECT_ERROR(unlimited.Reserve(MemoryKind::kKv, 1), Code::kOverBudget, "");
}

TEST(MemoryBudget, ReservationGrowsAndShrinks) {
  MemoryBudget budget(100);
  ASSERT_OK_AND_ASSIGN(Reservation kv, budget.Reserve(MemoryKind::kKv, 10));
  ASSERT_OK(kv.Grow(90));
  EXPECT_ERROR(kv.Grow(1), Code::kOverBudget, "");
  EXPECT_EQ(kv.bytes(), 100u);
  kv.Shrink(30);
  EXPECT_EQ(budget.used(), 70u);
  kv.Shrink(1000);  // no more than it has
  EXPECT_EQ(kv.bytes(), 0u);
  EXPECT_EQ(budget.used(), 0u);
}

TEST(MemoryBudget, MovingAReservationCountsItOnce) {
  MemoryBudget budget(100);
  ASSERT_OK_AND_ASSIGN(Reservation a, budget.Reserve(MemoryKind::kKv, 60));
  Reservation b = std::move(a);
  EXPECT_EQ(budget.used(), 60u);
  ASSERT_OK_AND_ASSIGN(b, budget.Reserve(MemoryKind::kScratch, 40));  // gives its old one back
  EXPECT_EQ(budget.used(), 40u);
  EXPECT_EQ(budget.used(MemoryKind::kKv), 0u);
  EXPECT_ERROR(Reservation().Grow(1), Code::kInternal, "without a budget");
}

TEST(MemoryBudget, ReservationMayOutliveTheBudget) {
  std::optional<MemoryBudget> budget(100);
  ASSERT_OK_AND_ASSIGN(Reservation kv, budget->Reserve(MemoryKind::kKv, 60));
  budget.reset();
  EXPECT_OK(kv.Grow(40));
}

TEST(MemoryBudget, LoweringTheTotalTakesNothingAway) {
  MemoryBudget budget(100);
  ASSERT_OK_AND_ASSIGN(Reservation kv, budget.Reserve(MemoryKind::kKv, 80));
  budget.SetTotal(50);
  EXPECT_EQ(budget.used(), 80u);
  EXPECT_EQ(budget.available(), 0u);
  EXPECT_ERROR(budget.Reserve(MemoryKind::kKv, 1), Code::kOverBudget, "");
  kv.Shrink(40);
  EXPECT_OK(budget.Reserve(MemoryKind::kKv, 10));
}

TEST(MemoryBudget, RevokeIsAskedForWhatIsMissing) {
  MemoryBudget budget(100);
  ASSERT_OK_AND_ASSIGN(Reservation prefix, budget.Reserve(MemoryKind::kPrefix, 70));
  std::vector<uint64_t> asked;
  const auto registration = budget.OnRevoke([&](uint64_t bytes) {
    asked.push_back(bytes);
    prefix.Shrink(bytes);
    return bytes;
  });
  EXPECT_OK(budget.Reserve(MemoryKind::kKv, 30));  // fits: nobody is asked
  EXPECT_TRUE(asked.empty());
  EXPECT_OK(budget.Reserve(MemoryKind::kKv, 50));
  EXPECT_EQ(asked, std::vector<uint64_t>{20});
  EXPECT_EQ(prefix.bytes(), 50u);
}

TEST(MemoryBudget, RevokeGoesOnUntilItFitsInOrder) {
  MemoryBudget budget(100);
  ASSERT_OK_AND_ASSIGN(Reservation first, budget.Reserve(MemoryKind::kPrefix, 30));
  ASSERT_OK_AND_ASSIGN(Reservation second, budget.Reserve(MemoryKind::kPrefix, 30));
  ASSERT_OK_AND_ASSIGN(Reservation third, budget.Reserve(MemoryKind::kPrefix, 40));
  const auto release = [](Reservation& held) {
    return [&held](uint64_t) {
      const uint64_t freed = held.bytes();
      held.Release();
      return freed;
    };
  };
  const auto a = budget.OnRevoke(release(first));
  const auto b = budget.OnRevoke(release(second));
  const auto c = budget.OnRevoke(release(third));
  EXPECT_OK(budget.Reserve(MemoryKind::kKv, 50));
  EXPECT_EQ(first.bytes(), 0u);
  EXPECT_EQ(second.bytes(), 0u);
  EXPECT_EQ(third.bytes(), 40u);
}

TEST(MemoryBudget, NothingIsRevokedForWhatCanNeverFit) {
  MemoryBudget budget(100);
  ASSERT_OK_AND_ASSIGN(Reservation prefix, budget.Reserve(MemoryKind::kPrefix, 70));
  const auto registration = budget.OnRevoke([&](uint64_t bytes) {
    prefix.Release();
    return bytes;
  });
  EXPECT_ERROR(budget.Reserve(MemoryKind::kKv, 101), Code::kOverBudget, "prefix 70 B");
  EXPECT_EQ(prefix.bytes(), 70u);
}

TEST(MemoryBudget, CallbackMayReserveAndIsNotCalledByItself) {
  MemoryBudget budget(100);
  ASSERT_OK_AND_ASSIGN(const Reservation full, budget.Reserve(MemoryKind::kWeights, 100));
  int calls = 0;
  const auto registration = budget.OnRevoke([&](uint64_t) {
    ++calls;
    EXPECT_ERROR(budget.Reserve(MemoryKind::kScratch, 1), Code::kOverBudget, "");
    return uint64_t{0};
  });
  EXPECT_ERROR(budget.Reserve(MemoryKind::kKv, 1), Code::kOverBudget, "");
  EXPECT_EQ(calls, 1);
}

TEST(MemoryBudget, NoCallAfterTheRegistrationIsGone) {
  MemoryBudget budget(100);
  int calls = 0;
  {
    const auto registration = budget.OnRevoke([&](uint64_t) {
      ++calls;
      return uint64_t{0};
    });
    RevokeRegistration moved = budget.OnRevoke([](uint64_t) { return uint64_t{0}; });
    moved = RevokeRegistration();
  }
  ASSERT_OK_AND_ASSIGN(const Reservation full, budget.Reserve(MemoryKind::kWeights, 100));
  EXPECT_ERROR(budget.Reserve(MemoryKind::kKv, 1), Code::kOverBudget, "");
  EXPECT_EQ(calls, 0);
}

TEST(MemoryBudget, CallbackMayEndItsOwnRegistration) {
  MemoryBudget budget(10);
  RevokeRegistration registration;
  int calls = 0;
  registration = budget.OnRevoke([&](uint64_t) {
    ++calls;
    registration.Release();
    return uint64_t{0};
  });
  EXPECT_ERROR(budget.Reserve(MemoryKind::kKv, 11), Code::kOverBudget, "");
  ASSERT_OK_AND_ASSIGN(const Reservation full, budget.Reserve(MemoryKind::kKv, 10));
  EXPECT_ERROR(budget.Reserve(MemoryKind::kKv, 1), Code::kOverBudget, "");
  EXPECT_ERROR(budget.Reserve(MemoryKind::kKv, 1), Code::kOverBudget, "");
  EXPECT_EQ(calls, 1);
}

TEST(MemoryBudget, ManyThreadsNeverExceedItAndLeaveNothingBehind) {
  constexpr uint64_t kTotal = 1000;
  MemoryBudget budget(kTotal);
  std::mutex cache_mutex;
  Reservation cache;
  const auto registration = budget.OnRevoke([&](uint64_t bytes) {
    const std::lock_guard guard(cache_mutex);
    const uint64_t freed = std::min(bytes, cache.bytes());
    cache.Shrink(freed);
    return freed;
  });
  std::atomic<uint64_t> held{0};
  std::atomic<bool> exceeded{false};
  std::atomic<int> granted{0};
  const auto work = [&](unsigned seed) {
    std::mt19937 random(seed);
    for (int i = 0; i < 500; ++i) {
      const uint64_t bytes = random() % 400;
      auto mine = budget.Reserve(MemoryKind::kKv, bytes);
      if (!mine.ok()) continue;
      ++granted;
      if (held.fetch_add(bytes) + bytes > kTotal) exceeded = true;
      if (mine->Grow(10).ok()) mine->Shrink(10);
      held.fetch_sub(bytes);
      const std::lock_guard guard(cache_mutex);
      auto cached = budget.Reserve(MemoryKind::kPrefix, 0);
      if (cache.bytes() == 0 && cached.ok()) cache = std::move(*cached);
    }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < 4; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(exceeded);
  EXPECT_GT(granted, 0);
  cache.Release();
  EXPECT_EQ(budget.used(), 0u);
}

TEST(MemoryBudget, EndingARegistrationWaitsForARunningCall) {
  MemoryBudget budget(10);
  ASSERT_OK_AND_ASSIGN(const Reservation full, budget.Reserve(MemoryKind::kWeights, 10));
  std::atomic<bool> entered{false};
  std::atomic<bool> left{false};
  auto registration = budget.OnRevoke([&](uint64_t) {
    entered = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    left = true;
    return uint64_t{0};
  });
  std::thread asker([&] { EXPECT_FALSE(budget.Reserve(MemoryKind::kKv, 1).ok()); });
  while (!entered) std::this_thread::yield();
  registration.Release();
  EXPECT_TRUE(left);
  asker.join();
}

}  // namespace
}  // namespace ledge
