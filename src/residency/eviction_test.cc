#include "residency/eviction.h"

#include <gtest/gtest.h>

namespace ledge {
namespace {

using std::chrono::seconds;

TEST(LruPolicy, TakesTheLeastRecentlyUsedUntilThereIsRoom) {
  const auto policy = MakeLruPolicy();
  const std::vector<EvictionCandidate> models = {{"a", 10, false, false, seconds(3)},
                                                 {"b", 10, false, false, seconds(1)},
                                                 {"c", 10, false, false, seconds(2)}};
  EXPECT_EQ(policy->Choose(models, 5), (std::vector<std::string>{"b"}));
  EXPECT_EQ(policy->Choose(models, 11), (std::vector<std::string>{"b", "c"}));
  EXPECT_EQ(policy->Choose(models, 0), (std::vector<std::string>{}));
}

TEST(LruPolicy, NeverTakesPinnedOrBusyOnes) {
  const auto policy = MakeLruPolicy();
  const std::vector<EvictionCandidate> models = {{"a", 10, true, false, seconds(1)},
                                                 {"b", 10, false, true, seconds(2)},
                                                 {"c", 10, false, false, seconds(3)}};
  EXPECT_EQ(policy->Choose(models, 10), (std::vector<std::string>{"c"}));
  EXPECT_EQ(policy->Choose(models, 11), std::nullopt);
}

}  // namespace
}  // namespace ledge
