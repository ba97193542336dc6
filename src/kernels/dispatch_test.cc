#include <gtest/gtest.h>

#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "kernels/kernels.h"

namespace ledge {
namespace {

TEST(Dispatch, OffersTheReferencesAndWhatIsFaster) {
  const auto tables = RunnableKernels();
  ASSERT_GE(tables.size(), 1u);
  EXPECT_EQ(tables[0]->name, "scalar");
  std::set<std::string_view> names;
  for (const Kernels* table : tables) {
    EXPECT_TRUE(names.insert(table->name).second) << table->name;
    const Kernels& reference = ReferenceOf(*table);
    EXPECT_EQ(reference.fused, table->fused);
    EXPECT_EQ(reference.name, table->fused ? "scalar" : "unfused");
  }
}

TEST(Dispatch, TakesTheBestUnlessTold) {
  const char* wanted = std::getenv("LEDGE_ISA");
  if (wanted != nullptr) GTEST_SKIP() << "LEDGE_ISA is set to " << wanted;
  EXPECT_EQ(&BestKernels(), RunnableKernels().back());
}

// Set by who knows which CPU the tests run on: an emulated one.
TEST(Dispatch, FindsWhatTheCpuHas) {
  const char* expected = std::getenv("LEDGE_EXPECT_ISA");
  if (expected == nullptr) GTEST_SKIP() << "LEDGE_EXPECT_ISA is not set";
  EXPECT_EQ(RunnableKernels().back()->name, expected);
}

TEST(Dispatch, EverySetButTheReferencesKnowsItsPeak) {
  for (const Kernels* kernels : RunnableKernels()) {
    const uint64_t macs = kernels->peak_turns(3);
    EXPECT_EQ(macs == 0, kernels == &ReferenceOf(*kernels)) << kernels->name;
    EXPECT_EQ(kernels->peak_turns(6), 2 * macs) << kernels->name;
  }
}

}  // namespace
}  // namespace ledge
