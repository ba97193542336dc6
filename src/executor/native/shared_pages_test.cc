#include "executor/native/shared_pages.h"

#include "os/os.h"
#include "testing/result_matchers.h"

namespace ledge {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SharedPagesTest : public ::testing::Test {
 protected:
  SequenceState Grown(uint32_t tokens) {
    SequenceState state({&pool_});
    Grow(state, tokens);
    return state;
  }
  static void Grow(SequenceState& state, uint32_t tokens) {
    EXPECT_OK(state.Reserve(tokens));
    state.Advance(tokens);
  }
  // One block a state, of `columns` columns that come next.
  SharedPages Find(std::vector<const SequenceState*> states, uint32_t columns = 1) {
    list_.Clear();
    std::vector<uint32_t> positions;
    for (const SequenceState* state : states) {
      const auto at = static_cast<uint32_t>(list_.blocks.size());
      list_.blocks.push_back({at, at * columns, (at + 1) * columns});
      positions.push_back(state->length());
    }
    list_.FindShared(states, positions);
    return list_.shared(0);
  }

  MemoryBudget budget_;
  KvPool pool_{PosixOs(),
               budget_,
               {.layers = 1, .kv_heads = 1, .key_dim = 16, .value_dim = 16, .type = KvType::kF16}};
  BlockList list_;
};

TEST_F(SharedPagesTest, ForksShareTheWholeSpansBeforeThem) {
  const SequenceState parent = Grown(800);
  SequenceState fork = parent.Fork(790);
  Grow(fork, 300);
  const SequenceState stranger = Grown(800);
  const SharedPages shared = Find({&parent, &stranger, &fork});
  ASSERT_EQ(shared.runs.size(), 1u);
  EXPECT_EQ(shared.runs[0].spans, 3u);
  EXPECT_THAT(shared.run_of, ElementsAre(0, kNoRun, 0));
  EXPECT_EQ(shared.spans_of(0), 3u);
  EXPECT_EQ(shared.spans_of(1), 0u);
  EXPECT_THAT(shared.order.subspan(shared.runs[0].begin, 2), ElementsAre(0, 2));
}

TEST_F(SharedPagesTest, OnlyWhatAllMembersOfARunHaveIsShared) {
  const SequenceState parent = Grown(1100);
  SequenceState late = parent.Fork(1050);
  SequenceState early = parent.Fork(300);
  Grow(early, 900);
  const SharedPages shared = Find({&parent, &late, &early});
  ASSERT_EQ(shared.runs.size(), 1u);
  EXPECT_EQ(shared.runs[0].spans, 1u);
  EXPECT_THAT(shared.run_of, ElementsAre(0, 0, 0));
}

TEST_F(SharedPagesTest, ASpanThatAQueryIsStillInIsNotShared) {
  const SequenceState parent = Grown(255);
  const SequenceState fork = parent.Fork(255);
  EXPECT_THAT(Find({&parent, &fork}).runs, IsEmpty());
  const SequenceState longer = Grown(256);
  const SequenceState its_fork = longer.Fork(256);
  EXPECT_EQ(Find({&longer, &its_fork}).runs.size(), 1u);
}

TEST_F(SharedPagesTest, BlocksOfManyColumnsStayAlone) {
  const SequenceState parent = Grown(600);
  const SequenceState fork = parent.Fork(600);
  EXPECT_EQ(Find({&parent, &fork}, 4).runs.size(), 1u);
  EXPECT_THAT(Find({&parent, &fork}, 5).runs, IsEmpty());
}

TEST_F(SharedPagesTest, NothingIsLeftOfTheStepBefore) {
  const SequenceState parent = Grown(600);
  const SequenceState fork = parent.Fork(600);
  ASSERT_EQ(Find({&parent, &fork}).runs.size(), 1u);
  EXPECT_THAT(Find({&parent}).runs, IsEmpty());
}

}  // namespace
}  // namespace ledge
