#include "engine/sampling/likeliest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace ledge {
namespace {

// Some sizes around the blocks that are looked at together; values with many equals among them.
std::vector<std::vector<float>> SomeLogits() {
  std::mt19937 random(1);
  std::vector<std::vector<float>> all;
  for (const size_t size : {1, 2, 40, 63, 64, 65, 128, 1000, 4099}) {
    for (const int steps : {2, 50, 1'000'000}) {
      std::vector<float> logits(size);
      for (float& x : logits)
        x = static_cast<float>(static_cast<int>(random() % static_cast<unsigned>(steps)) - 1);
      for (size_t i = 0; i < size; i += 7) logits[i] = -INFINITY;
      all.push_back(std::move(logits));
    }
  }
  return all;
}

std::vector<Candidate> Sorted(const std::vector<float>& logits) {
  std::vector<Candidate> all;
  for (size_t i = 0; i < logits.size(); ++i) all.push_back({static_cast<Token>(i), logits[i], 0});
  std::stable_sort(all.begin(), all.end(),
                   [](const Candidate& a, const Candidate& b) { return a.logit > b.logit; });
  return all;
}

TEST(Likeliest, IsTheFirstOfTheLargest) {
  for (const std::vector<float>& logits : SomeLogits())
    EXPECT_EQ(Likeliest(logits), Sorted(logits)[0].token) << logits.size();
}

TEST(Likeliest, SeveralAreThoseThatSortingPutsFirst) {
  std::vector<Candidate> found;
  for (const std::vector<float>& logits : SomeLogits()) {
    const std::vector<Candidate> expected = Sorted(logits);
    for (const size_t count :
         {size_t{0}, size_t{1}, size_t{5}, size_t{40}, logits.size(), size_t{9999}}) {
      LikeliestOf(logits, count, found);
      ASSERT_EQ(found.size(), std::min(count, logits.size()));
      for (size_t i = 0; i < found.size(); ++i) {
        ASSERT_EQ(found[i].token, expected[i].token) << i << " of " << count;
        ASSERT_EQ(found[i].logit, expected[i].logit);
      }
    }
  }
}

TEST(Likeliest, TheFirstBadLogitIsFoundWhereverItStands) {
  for (const float bad : {std::nanf(""), INFINITY}) {
    for (const size_t at : {0, 1, 63, 64, 130, 199}) {
      std::vector<float> logits(200, -INFINITY);
      EXPECT_EQ(FirstBadLogit(logits), 200u);
      logits[199] = logits[at] = bad;
      EXPECT_EQ(FirstBadLogit(logits), at);
    }
  }
}

}  // namespace
}  // namespace ledge
