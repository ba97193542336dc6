#include "model/sequence_state.h"

#include <cstring>
#include <memory>
#include <random>

#include "testing/result_matchers.h"

namespace ledge {
namespace {

LayerGroupShape Shape(uint32_t layers, uint32_t window) {
  LayerGroupShape shape;
  shape.layers = layers;
  shape.kv_heads = 1;
  shape.key_dim = 16;
  shape.value_dim = 16;
  shape.window = window;
  return shape;
}

// A number a token, kept where its cache entry would be.
uint32_t* Cell(const SequenceState& state, size_t group, uint32_t position) {
  std::byte* page = state.pages(group)[position / kPageTokens].data();
  return reinterpret_cast<uint32_t*>(page) + position % kPageTokens;
}

// One full and one windowed group.
class SequenceStateTest : public ::testing::Test {
 protected:
  static constexpr uint32_t kWindow = 40;

  SequenceState MakeState() { return SequenceState({&full_, &windowed_}); }
  Result<void> Append(SequenceState& state, uint32_t tokens, uint32_t first_value = 0) {
    LEDGE_CHECK_OK(state.Reserve(tokens));
    for (uint32_t i = 0; i < tokens; ++i) {
      for (size_t group = 0; group < 2; ++group)
        *Cell(state, group, state.length() + i) = first_value + i;
    }
    state.Advance(tokens);
    return {};
  }
  uint64_t pages() const { return full_.pages_in_use() + windowed_.pages_in_use(); }

  MemoryBudget budget_;
  KvPool full_{PosixOs(), budget_, Shape(2, 0)};
  KvPool windowed_{PosixOs(), budget_, Shape(1, kWindow)};
};

TEST_F(SequenceStateTest, GrowsByPage) {
  SequenceState state = MakeState();
  EXPECT_EQ(state.bytes(), 0u);
  ASSERT_OK(Append(state, 1));
  EXPECT_EQ(full_.pages_in_use(), 1u);
  ASSERT_OK(Append(state, kPageTokens - 1));
  EXPECT_EQ(full_.pages_in_use(), 1u);
  ASSERT_OK(Append(state, 1));
  EXPECT_EQ(full_.pages_in_use(), 2u);
  EXPECT_EQ(state.length(), kPageTokens + 1);
  EXPECT_EQ(state.bytes(), 2 * (full_.shape().page_bytes() + windowed_.shape().page_bytes()));
}

TEST_F(SequenceStateTest, ReservingTwiceTakesNothingMore) {
  SequenceState state = MakeState();
  ASSERT_OK(state.Reserve(50));
  ASSERT_OK(state.Reserve(50));
  EXPECT_EQ(pages(), 4u);
  EXPECT_EQ(state.capacity(), 64u);
  state.ShrinkTo(20);  // takes a part back
  EXPECT_EQ(state.capacity(), 32u);
  state.Advance(3);
  state.ShrinkTo(0);
  EXPECT_EQ(state.capacity(), 32u);  // never what is in use
}

TEST_F(SequenceStateTest, ForkSharesUntilSomeoneWrites) {
  SequenceState a = MakeState();
  ASSERT_OK(Append(a, 36, 100));
  SequenceState b = a.Fork(36);
  EXPECT_EQ(full_.pages_in_use(), 2u);
  EXPECT_EQ(a.pages(0)[1].data(), b.pages(0)[1].data());
  ASSERT_OK(Append(a, 1, 777));
  EXPECT_EQ(full_.pages_in_use(), 3u);  // the tail only
  EXPECT_EQ(a.pages(0)[0].data(), b.pages(0)[0].data());
  EXPECT_NE(a.pages(0)[1].data(), b.pages(0)[1].data());
  EXPECT_EQ(*Cell(a, 0, 35), 135u);
  EXPECT_EQ(*Cell(b, 0, 35), 135u);
  ASSERT_OK(Append(b, 1, 888));
  EXPECT_EQ(full_.pages_in_use(), 3u);  // b is now alone with its tail
  EXPECT_EQ(*Cell(a, 0, 36), 777u);
  EXPECT_EQ(*Cell(b, 0, 36), 888u);
}

TEST_F(SequenceStateTest, ForkShortOfTheEndLeavesTheOriginalAlone) {
  SequenceState a = MakeState();
  ASSERT_OK(Append(a, 35, 100));
  SequenceState b = a.Fork(20);
  ASSERT_OK(Append(b, 10, 500));
  EXPECT_EQ(*Cell(a, 0, 20), 120u);
  EXPECT_EQ(*Cell(b, 0, 20), 500u);
  EXPECT_EQ(*Cell(b, 0, 19), 119u);
}

TEST_F(SequenceStateTest, FailedReserveChangesNothing) {
  SequenceState a = MakeState();
  ASSERT_OK(Append(a, 36));
  SequenceState b = a.Fork(36);
  const uint64_t used = budget_.used();
  const std::byte* tail = b.pages(0)[1].data();
  budget_.SetTotal(used + full_.shape().page_bytes() + windowed_.shape().page_bytes());
  EXPECT_ERROR(b.Reserve(200), Code::kOverBudget, "");
  EXPECT_EQ(b.pages(0).size(), 2u);
  EXPECT_EQ(b.pages(1).size(), 2u);
  EXPECT_EQ(b.pages(0)[1].data(), tail);
  full_.Trim();
  windowed_.Trim();
  EXPECT_EQ(budget_.used(), used);
  EXPECT_OK(b.Reserve(1));
}

TEST_F(SequenceStateTest, DropsPagesThatLeftTheWindow) {
  SequenceState state = MakeState();
  ASSERT_OK(Append(state, kWindow + kPageTokens - 2));
  // The next token sees positions 31 and later.
  EXPECT_TRUE(static_cast<bool>(state.pages(1)[0]));
  ASSERT_OK(Append(state, 1));
  EXPECT_FALSE(static_cast<bool>(state.pages(1)[0]));
  EXPECT_TRUE(static_cast<bool>(state.pages(1)[1]));
  EXPECT_TRUE(static_cast<bool>(state.pages(0)[0]));
}

TEST_F(SequenceStateTest, CutsOnlyWhereTheWindowIsWhole) {
  SequenceState state = MakeState();
  ASSERT_OK(Append(state, 150));
  EXPECT_EQ(state.CutPoint(150), 150u);
  EXPECT_EQ(state.CutPoint(1000), 150u);
  EXPECT_EQ(state.CutPoint(149), 149u);
  // Position 111 on is kept, page 3; a sequence of 134 sees from 95, page 2.
  EXPECT_EQ(state.CutPoint(134), 0u);
  EXPECT_EQ(state.CutPoint(135), 135u);
  SequenceState full_only({&full_});
  ASSERT_OK(full_only.Reserve(150));
  full_only.Advance(150);
  EXPECT_EQ(full_only.CutPoint(3), 3u);
}

TEST_F(SequenceStateTest, TruncateGivesPagesBack) {
  SequenceState state = MakeState();
  ASSERT_OK(Append(state, 70));
  state.Truncate(64);
  EXPECT_EQ(full_.pages_in_use(), 2u);
  state.Truncate(0);
  EXPECT_EQ(pages(), 0u);
}

// Random work on many sequences, held against plain vectors.
TEST_F(SequenceStateTest, BehavesLikeVectorsUnderRandomWork) {
  struct Pair {
    SequenceState state;
    std::vector<uint32_t> model;
  };
  std::mt19937 random(12345);
  const auto below = [&](uint32_t n) { return static_cast<uint32_t>(random() % n); };
  budget_.SetTotal(60 * (full_.shape().page_bytes() + windowed_.shape().page_bytes()));
  std::vector<Pair> all;
  uint32_t next_value = 1;
  int refused = 0;
  for (int round = 0; round < 4000; ++round) {
    const uint32_t action = below(10);
    if (all.empty() || action == 0) {
      all.push_back({MakeState(), {}});
    } else if (action <= 5) {
      Pair& pair = all[below(static_cast<uint32_t>(all.size()))];
      const uint32_t tokens = 1 + below(60);
      if (Append(pair.state, tokens, next_value).ok()) {
        for (uint32_t i = 0; i < tokens; ++i) pair.model.push_back(next_value + i);
        next_value += tokens;
      } else {
        ++refused;
      }
    } else if (action <= 7) {
      const Pair& pair = all[below(static_cast<uint32_t>(all.size()))];
      const uint32_t cut = pair.state.CutPoint(below(static_cast<uint32_t>(pair.model.size()) + 1));
      all.push_back({pair.state.Fork(cut), {pair.model.begin(), pair.model.begin() + cut}});
    } else if (action == 8) {
      Pair& pair = all[below(static_cast<uint32_t>(all.size()))];
      const uint32_t cut = pair.state.CutPoint(below(static_cast<uint32_t>(pair.model.size()) + 1));
      pair.state.Truncate(cut);
      pair.model.resize(cut);
    } else {
      const uint32_t victim = below(static_cast<uint32_t>(all.size()));
      std::swap(all[victim], all.back());
      all.pop_back();
    }
    if (all.size() > 30) all.erase(all.begin(), all.begin() + 15);
    for (const Pair& pair : all) {
      const uint32_t length = static_cast<uint32_t>(pair.model.size());
      ASSERT_EQ(pair.state.length(), length);
      for (uint32_t at = 0; at < length; ++at) ASSERT_EQ(*Cell(pair.state, 0, at), pair.model[at]);
      for (uint32_t at = length < kWindow ? 0 : length - kWindow + 1; at < length; ++at) {
        ASSERT_EQ(*Cell(pair.state, 1, at), pair.model[at]);
      }
    }
  }
  EXPECT_GT(refused, 0);
  all.clear();
  EXPECT_EQ(pages(), 0u);
  full_.Trim();
  windowed_.Trim();
  EXPECT_EQ(budget_.used(), 0u);
}

// Pages that can be cut anywhere, and a recurrent state that can not.
class HybridStateTest : public ::testing::Test {
 protected:
  Result<void> Go(SequenceState& state, uint32_t tokens) {
    LEDGE_CHECK_OK(state.Reserve(tokens));
    state.PlanStep(tokens);
    for (const RecurrentState::Target& target : state.recurrent().targets())
      *target.block = static_cast<float>(target.length);
    state.Advance(tokens);
    return {};
  }

  MemoryBudget budget_;
  KvPool pages_{PosixOs(), budget_, Shape(2, 0)};
  PagePool blocks_{PosixOs(), budget_, 4096};
};

TEST_F(HybridStateTest, IsCutWhereTheRecurrentStateIs) {
  SequenceState state({&pages_}, &blocks_);
  ASSERT_OK(Go(state, 300));
  EXPECT_EQ(state.CutPoint(300), 300U);
  EXPECT_EQ(state.CutPoint(299), 256U);
  SequenceState fork = state.Fork(256);
  EXPECT_EQ(*fork.recurrent().current(), 256);
  EXPECT_EQ(fork.pages(0).size(), 8U);
  state.Truncate(256);
  EXPECT_EQ(state.length(), 256U);
  EXPECT_EQ(*state.recurrent().current(), 256);
}

TEST_F(HybridStateTest, CountsItsBlocks) {
  SequenceState state({&pages_}, &blocks_);
  ASSERT_OK(Go(state, 300));
  EXPECT_EQ(state.bytes(), 10 * pages_.page_bytes() + 2 * 4096);
  ASSERT_OK(Go(state, 1));
  EXPECT_EQ(state.bytes(), 10 * pages_.page_bytes() + 3 * 4096);
  // A cut at its end gives back what the next step would write to.
  state.Truncate(301);
  EXPECT_EQ(state.bytes(), 10 * pages_.page_bytes() + 2 * 4096);
}

TEST_F(HybridStateTest, AFailedReserveChangesNothing) {
  SequenceState state({&pages_}, &blocks_);
  ASSERT_OK(Go(state, 32));
  state.Truncate(32);
  budget_.SetTotal(budget_.used() + pages_.page_bytes());  // none for a block
  EXPECT_ERROR(state.Reserve(1), Code::kOverBudget, "");
  EXPECT_EQ(state.capacity(), 32U);
  EXPECT_EQ(blocks_.pages_in_use(), 1U);
}

}  // namespace
}  // namespace ledge
