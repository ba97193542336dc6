#include "model/kv_pool.h"

#include <algorithm>
#include <thread>
#include <vector>

#include "testing/result_matchers.h"

namespace ledge {
namespace {

LayerGroupShape SmallShape() {
  LayerGroupShape shape;
  shape.layers = 2;
  shape.kv_heads = 3;
  shape.key_dim = 16;
  shape.value_dim = 20;
  return shape;
}

bool AllZero(const PageRef& page, uint64_t bytes) {
  return std::all_of(page.data(), page.data() + bytes,
                     [](std::byte b) { return b == std::byte{0}; });
}

TEST(LayerGroupShape, CountsEveryLayerAndHead) {
  LayerGroupShape shape = SmallShape();
  EXPECT_EQ(shape.head_bytes(), 32u * (16 + 32) * 2);
  EXPECT_EQ(shape.page_bytes(), shape.head_bytes() * 6);
  EXPECT_EQ(shape.head_offset(1, 2), shape.head_bytes() * 5);
  shape.type = KvType::kQ8;
  EXPECT_EQ(shape.head_bytes(), 32u * (16 + 32) + 2 * 32 * 4);
}

TEST(KvPool, AccountsForEveryPageAndGivesAllBack) {
  MemoryBudget budget;
  const uint64_t bytes = SmallShape().page_bytes();
  {
    KvPool pool(PosixOs(), budget, SmallShape());
    ASSERT_OK_AND_ASSIGN(PageRef a, pool.Allocate());
    ASSERT_OK_AND_ASSIGN(PageRef b, pool.Allocate());
    EXPECT_EQ(pool.pages_in_use(), 2u);
    EXPECT_EQ(budget.used(MemoryKind::kKv), 2 * bytes);
    a = PageRef();
    EXPECT_EQ(pool.pages_in_use(), 1u);
    EXPECT_EQ(budget.used(MemoryKind::kKv), 2 * bytes);  // kept for the next sequence, and counted
    pool.Trim();
    EXPECT_EQ(budget.used(MemoryKind::kKv), bytes);
  }
  EXPECT_EQ(budget.used(), 0u);
}

TEST(KvPool, HandsOutZeroedPagesAgain) {
  MemoryBudget budget;
  KvPool pool(PosixOs(), budget, SmallShape());
  const uint64_t bytes = pool.shape().page_bytes();
  {
    ASSERT_OK_AND_ASSIGN(PageRef page, pool.Allocate());
    EXPECT_TRUE(AllZero(page, bytes));
    std::fill(page.data(), page.data() + bytes, std::byte{0x5A});
  }
  ASSERT_OK_AND_ASSIGN(PageRef page, pool.Allocate());
  EXPECT_TRUE(AllZero(page, bytes));
  EXPECT_EQ(budget.used(), bytes);  // the same page, not a second one
}

TEST(KvPool, RefusesPagesOverTheBudget) {
  MemoryBudget budget(2 * SmallShape().page_bytes() + 1);
  KvPool pool(PosixOs(), budget, SmallShape());
  ASSERT_OK_AND_ASSIGN(PageRef a, pool.Allocate());
  ASSERT_OK_AND_ASSIGN(PageRef b, pool.Allocate());
  EXPECT_ERROR(pool.Allocate(), Code::kOverBudget, "");
  EXPECT_EQ(pool.pages_in_use(), 2u);
  a = PageRef();
  EXPECT_OK(pool.Allocate());
}

TEST(KvPool, GivesUnusedPagesToWhoeverNeedsTheMemory) {
  MemoryBudget budget(2 * SmallShape().page_bytes());
  KvPool pool(PosixOs(), budget, SmallShape());
  {
    ASSERT_OK_AND_ASSIGN(PageRef page, pool.Allocate());
  }
  ASSERT_OK_AND_ASSIGN(PageRef used, pool.Allocate());
  {
    ASSERT_OK_AND_ASSIGN(PageRef page, pool.Allocate());
  }
  EXPECT_EQ(budget.available(), 0u);
  EXPECT_OK(budget.Reserve(MemoryKind::kWeights, SmallShape().page_bytes()));
  EXPECT_ERROR(budget.Reserve(MemoryKind::kWeights, SmallShape().page_bytes() + 1),
               Code::kOverBudget, "");
}

TEST(KvPool, DoesNotHandOutKeptPagesOverALoweredBudget) {
  MemoryBudget budget;
  KvPool pool(PosixOs(), budget, SmallShape());
  {
    std::vector<PageRef> held;
    for (int i = 0; i < 4; ++i) {
      ASSERT_OK_AND_ASSIGN(PageRef page, pool.Allocate());
      held.push_back(std::move(page));
    }
  }
  budget.SetTotal(2 * SmallShape().page_bytes());
  ASSERT_OK_AND_ASSIGN(PageRef a, pool.Allocate());
  ASSERT_OK_AND_ASSIGN(PageRef b, pool.Allocate());
  EXPECT_ERROR(pool.Allocate(), Code::kOverBudget, "");
}

TEST(PageRef, CountsReferences) {
  MemoryBudget budget;
  KvPool pool(PosixOs(), budget, SmallShape());
  ASSERT_OK_AND_ASSIGN(PageRef page, pool.Allocate());
  EXPECT_FALSE(page.shared());
  {
    const PageRef second = page.Share();
    EXPECT_TRUE(page.shared());
    EXPECT_EQ(second.data(), page.data());
    EXPECT_EQ(pool.pages_in_use(), 1u);
  }
  EXPECT_FALSE(page.shared());
  EXPECT_FALSE(static_cast<bool>(PageRef().Share()));
  PageRef moved = std::move(page);
  EXPECT_TRUE(static_cast<bool>(moved));
  EXPECT_FALSE(static_cast<bool>(page));  // NOLINT: what a moved-from reference is
}

TEST(KvPool, CopiesContents) {
  MemoryBudget budget;
  KvPool pool(PosixOs(), budget, SmallShape());
  ASSERT_OK_AND_ASSIGN(PageRef page, pool.Allocate());
  page.data()[7] = std::byte{9};
  ASSERT_OK_AND_ASSIGN(PageRef copy, pool.Copy(page));
  EXPECT_NE(copy.data(), page.data());
  EXPECT_EQ(copy.data()[7], std::byte{9});
}

TEST(KvPool, CanBeUsedByManyThreads) {
  MemoryBudget budget(64 * SmallShape().page_bytes());
  {
    KvPool pool(PosixOs(), budget, SmallShape());
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&pool] {
        std::vector<PageRef> held;
        for (int i = 0; i < 500; ++i) {
          if (auto page = pool.Allocate(); page.ok()) {
            held.push_back(page->Share());
            held.push_back(std::move(*page));
          }
          if (held.size() > 20) held.clear();
          if (i % 50 == 0) pool.Trim();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(pool.pages_in_use(), 0u);
  }
  EXPECT_EQ(budget.used(), 0u);
}

}  // namespace
}  // namespace ledge
