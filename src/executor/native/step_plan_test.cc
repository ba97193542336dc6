#include "executor/native/step_plan.h"

#include "testing/result_matchers.h"

namespace ledge {
namespace {

using ::testing::ElementsAre;

class StepPlanTest : public ::testing::Test {
 protected:
  StepPlanTest() {
    for (const SequenceId id : {5u, 9u}) slots_.emplace(id, SequenceSlot(SequenceState({})));
    Advance(9, 3);
  }
  void Advance(SequenceId id, uint32_t tokens) { slots_.find(id)->second.state.Advance(tokens); }
  Result<void> Build(std::vector<Column> columns) {
    Batch batch;
    batch.columns = std::move(columns);
    return plan_.Build(batch, slots_, limits_);
  }

  SequenceMap slots_;
  PlanLimits limits_{.max_columns = 6, .vocabulary = 100, .max_positions = 50, .block_columns = 2};
  StepPlan plan_;
};

TEST_F(StepPlanTest, PutsASequencesColumnsSideBySide) {
  ASSERT_OK(Build({{9, 11, 3, true, 0},
                   {5, 21, 0, false, 0},
                   {9, 12, 4, false, 0},
                   {5, 22, 1, true, 0},
                   {9, 13, 5, true, 0}}));
  EXPECT_THAT(plan_.tokens(), ElementsAre(11, 12, 13, 21, 22));
  EXPECT_THAT(plan_.positions(), ElementsAre(3, 4, 5, 0, 1));
  EXPECT_THAT(plan_.owners(), ElementsAre(0, 0, 0, 1, 1));
  EXPECT_THAT(plan_.wanted(), ElementsAre(0, 2, 4));
  EXPECT_THAT(plan_.row_source(), ElementsAre(0, 2, 1));  // in the batch's order: 11, 22, 13
}

TEST_F(StepPlanTest, BlocksNeverMixSequences) {
  ASSERT_OK(Build({{9, 1, 3, true, 0},
                   {9, 1, 4, true, 0},
                   {9, 1, 5, true, 0},
                   {5, 1, 0, false, 0},
                   {5, 1, 1, true, 0}}));
  std::vector<std::vector<uint32_t>> blocks;
  for (const QueryBlock& block : plan_.blocks().blocks)
    blocks.push_back({block.sequence, block.begin, block.end});
  EXPECT_THAT(blocks,
              ElementsAre(ElementsAre(0, 0, 2), ElementsAre(0, 2, 3), ElementsAre(1, 3, 5)));
  blocks.clear();
  for (const QueryBlock& block : plan_.wanted_blocks().blocks)
    blocks.push_back({block.sequence, block.begin, block.end});
  EXPECT_THAT(blocks,
              ElementsAre(ElementsAre(0, 0, 2), ElementsAre(0, 2, 3), ElementsAre(1, 3, 4)));
}

TEST_F(StepPlanTest, RefusesWhatBreaksTheRules) {
  EXPECT_ERROR(Build({}), Code::kUsage, "0 columns; must be 1 to 6");
  EXPECT_ERROR(Build(std::vector<Column>(7)), Code::kUsage, "7 columns");
  EXPECT_ERROR(Build({{4, 1, 0, false, 0}}), Code::kUsage, "sequence 4 does not exist");
  EXPECT_ERROR(Build({{5, 1, 1, false, 0}}), Code::kUsage, "position 1 of sequence 5; must be 0");
  EXPECT_ERROR(Build({{9, 1, 3, false, 0}, {9, 1, 3, false, 0}}), Code::kUsage, "must be 4");
  EXPECT_ERROR(Build({{5, 100, 0, false, 0}}), Code::kUsage, "token 100");
  EXPECT_ERROR(Build({{5, -1, 0, false, 0}}), Code::kUsage, "token -1");
  EXPECT_ERROR(Build({{5, 1, 0, false, 7}}), Code::kUsage, "adapter 7");
  Advance(9, 47);
  EXPECT_ERROR(Build({{9, 1, 50, false, 0}}), Code::kUsage, "below the context length 50");
  EXPECT_OK(Build({{5, 99, 0, false, 0}}));
}

}  // namespace
}  // namespace ledge
