#include "executor/native/native_executor.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <thread>

#include "testing/loaded_model.h"
#include "testing/result_matchers.h"
#include "testing/temp_dir.h"
#include "testing/tiny_llama.h"

namespace ledge {
namespace {

using ::testing::Each;
using testing::NativeBench;

class NativeExecutorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto loaded = testing::LoadModel(folder_.Write("tiny.gguf", testing::TinyLlamaFile({})));
    ASSERT_OK(loaded);
    model_ = *loaded;
  }

  // Columns for the next `count` tokens of a sequence; the last one's logits are wanted.
  static Batch Next(const Executor& executor, SequenceId id, uint32_t count, Token first = 7) {
    Batch batch;
    for (uint32_t i = 0; i < count; ++i) {
      const Token token = static_cast<Token>((static_cast<uint32_t>(first) + i * 31) % 307);
      batch.columns.push_back({id, token, executor.Length(id) + i, i + 1 == count, 0});
    }
    return batch;
  }
  static std::vector<float> Rows(const StepResult& result) {
    return {result.rows.begin(), result.rows.end()};
  }

  testing::TempDir folder_;
  std::shared_ptr<const Model> model_;
  StopFlag stop_;
};

TEST_F(NativeExecutorTest, TellsWhatItIs) {
  NativeBench bench(model_);
  ASSERT_OK_AND_ASSIGN(const Executor* executor, bench.Make({.max_columns = 64}));
  EXPECT_EQ(executor->info().vocabulary, 307u);
  EXPECT_EQ(executor->info().width, 96u);
  EXPECT_EQ(executor->info().trained_context, 1024u);
  EXPECT_EQ(executor->info().max_context, 1024u);
  EXPECT_EQ(executor->info().max_columns, 64u);
  EXPECT_EQ(executor->info().kv_page_bytes, 2u * 2 * (2 * 32 * 16 * 2));
}

TEST_F(NativeExecutorTest, ComputesOneRowAWantedColumn) {
  NativeBench bench(model_);
  ASSERT_OK_AND_ASSIGN(Executor * executor, bench.Make());
  ASSERT_OK_AND_ASSIGN(const SequenceId id, executor->AddSequence());
  Batch batch = Next(*executor, id, 5);
  batch.columns[1].want_logits = true;
  ASSERT_OK_AND_ASSIGN(const StepResult result, executor->Step(batch, stop_));
  EXPECT_TRUE(result.finished);
  EXPECT_EQ(result.row_size, 307u);
  EXPECT_EQ(result.rows.size(), 2u * 307);
  EXPECT_EQ(executor->Length(id), 5u);
  EXPECT_FALSE(std::ranges::equal(result.row(0), result.row(1)));
  EXPECT_TRUE(std::ranges::all_of(result.rows, [](float value) { return std::isfinite(value); }));
  batch = Next(*executor, id, 3);
  batch.columns.back().want_logits = false;
  ASSERT_OK_AND_ASSIGN(const StepResult none, executor->Step(batch, stop_));
  EXPECT_TRUE(none.finished);
  EXPECT_TRUE(none.rows.empty());
  EXPECT_EQ(executor->Length(id), 8u);
}

TEST_F(NativeExecutorTest, AFirstStepMayWantNothing) {
  NativeBench bench(model_);
  ASSERT_OK_AND_ASSIGN(Executor * executor, bench.Make());
  ASSERT_OK_AND_ASSIGN(const SequenceId id, executor->AddSequence());
  Batch batch = Next(*executor, id, 5);
  batch.columns.back().want_logits = false;
  ASSERT_OK_AND_ASSIGN(const StepResult result, executor->Step(batch, stop_));
  EXPECT_TRUE(result.finished);
  EXPECT_TRUE(result.rows.empty());
}

TEST_F(NativeExecutorTest, GivesRowsInTheBatchsOrder) {
  NativeBench bench(model_);
  ASSERT_OK_AND_ASSIGN(Executor * executor, bench.Make());
  std::vector<std::vector<float>> alone;
  std::vector<SequenceId> ids;
  for (int i = 0; i < 3; ++i) {
    ASSERT_OK_AND_ASSIGN(const SequenceId id, executor->AddSequence());
    ASSERT_OK_AND_ASSIGN(const StepResult result,
                         executor->Step(Next(*executor, id, 2, 10 * i), stop_));
    alone.push_back(Rows(result));
    ASSERT_OK(executor->Truncate(id, 0));
    ids.push_back(id);
  }
  // Interleaved: 2, 0, 1, 2, 0, 1.
  Batch batch;
  const std::vector<Batch> parts = {Next(*executor, ids[0], 2, 0), Next(*executor, ids[1], 2, 10),
                                    Next(*executor, ids[2], 2, 20)};
  for (size_t i = 0; i < 2; ++i) {
    for (const size_t s : {2u, 0u, 1u}) batch.columns.push_back(parts[s].columns[i]);
  }
  ASSERT_OK_AND_ASSIGN(const StepResult result, executor->Step(batch, stop_));
  EXPECT_TRUE(std::ranges::equal(result.row(0), alone[2]));
  EXPECT_TRUE(std::ranges::equal(result.row(1), alone[0]));
  EXPECT_TRUE(std::ranges::equal(result.row(2), alone[1]));
}

TEST_F(NativeExecutorTest, HiddenRowsGiveTheLogitsThroughTheHead) {
  NativeBench bench(model_);
  ASSERT_OK_AND_ASSIGN(Executor * executor, bench.Make());
  ASSERT_OK_AND_ASSIGN(const SequenceId id, executor->AddSequence());
  Batch batch = Next(*executor, id, 4);
  batch.output = Batch::Output::kHidden;
  ASSERT_OK_AND_ASSIGN(const StepResult result, executor->Step(batch, stop_));
  EXPECT_EQ(result.row_size, 96u);
  ASSERT_EQ(result.rows.size(), 96u);
  const std::vector<float> hidden = Rows(result);
  ASSERT_OK(executor->Truncate(id, 0));
  ASSERT_OK_AND_ASSIGN(const StepResult logits, executor->Step(Next(*executor, id, 4), stop_));
  const Kernels& kernels = BestKernels();
  std::vector<ActGroup> groups(ActGroups(96));
  kernels.quantize(hidden.data(), 96, groups.data());
  std::vector<float> expected(307);
  kernels.matmul({model_->spec().output,
                  0,
                  PanelCount(307),
                  {nullptr, 0, groups.data()},
                  1,
                  expected.data(),
                  307});
  EXPECT_TRUE(std::ranges::equal(logits.rows, expected));
}

TEST_F(NativeExecutorTest, RefusesABadBatchAndChangesNothing) {
  NativeBench bench(model_);
  ASSERT_OK_AND_ASSIGN(Executor * executor, bench.Make({.max_columns = 8}));
  ASSERT_OK_AND_ASSIGN(const SequenceId id, executor->AddSequence());
  ASSERT_OK(executor->Step(Next(*executor, id, 3), stop_));
  const uint64_t used = bench.budget().used();
  EXPECT_ERROR(executor->Step(Next(*executor, id, 9), stop_), Code::kUsage, "9 columns");
  EXPECT_ERROR(executor->Step(Next(*executor, id + 1, 1), stop_), Code::kUsage, "does not exist");
  EXPECT_ERROR(executor->Truncate(id, 4), Code::kUsage, "at most its length 3");
  EXPECT_ERROR(executor->Truncate(id + 1, 0), Code::kUsage, "does not exist");
  EXPECT_ERROR(executor->Fork(id, 4), Code::kUsage, "at most its length 3");
  EXPECT_EQ(executor->Length(id), 3u);
  EXPECT_EQ(bench.budget().used(), used);
}

TEST_F(NativeExecutorTest, RefusesOptionsOutOfRange) {
  NativeBench bench(model_);
  EXPECT_ERROR(bench.Make({.max_columns = 0}), Code::kUsage, "must be 1 to 4096");
  EXPECT_ERROR(bench.Make({.max_columns = 5000}), Code::kUsage, "must be 1 to 4096");
  EXPECT_ERROR(bench.Make({.max_context = kMaxContext + 1}), Code::kUsage, "context");
  NativeBench poor(model_, 1, 1000);
  EXPECT_ERROR(poor.Make(), Code::kOverBudget, "");
}

TEST_F(NativeExecutorTest, AStepThatWasStoppedChangesNothing) {
  NativeBench bench(model_);
  ASSERT_OK_AND_ASSIGN(Executor * executor, bench.Make());
  ASSERT_OK_AND_ASSIGN(const SequenceId id, executor->AddSequence());
  ASSERT_OK(executor->Step(Next(*executor, id, 10), stop_));
  ASSERT_OK_AND_ASSIGN(const Executor::Forked twin, executor->Fork(id, 10));
  const uint64_t kv = executor->KvBytes(id);
  for (const auto ask : {StopFlag::Ask::kStop, StopFlag::Ask::kYield}) {
    stop_.Set(ask);
    ASSERT_OK_AND_ASSIGN(const StepResult stopped,
                         executor->Step(Next(*executor, id, 100, 3), stop_));
    EXPECT_FALSE(stopped.finished);
    EXPECT_TRUE(stopped.rows.empty());
    EXPECT_EQ(executor->Length(id), 10u);
    EXPECT_EQ(executor->KvBytes(id), kv);
  }
  stop_.Set(StopFlag::Ask::kGoOn);
  ASSERT_OK_AND_ASSIGN(const StepResult expected,
                       executor->Step(Next(*executor, twin.id, 4), stop_));
  const std::vector<float> rows = Rows(expected);
  ASSERT_OK_AND_ASSIGN(const StepResult after, executor->Step(Next(*executor, id, 4), stop_));
  EXPECT_TRUE(std::ranges::equal(after.rows, rows));
}

// The flag is set while the step is somewhere in the middle; whatever the moment, the sequence is
// intact.
TEST_F(NativeExecutorTest, CanBeStoppedAtAnyMoment) {
  NativeBench bench(model_);
  ASSERT_OK_AND_ASSIGN(Executor * executor, bench.Make());
  ASSERT_OK_AND_ASSIGN(const SequenceId reference, executor->AddSequence());
  ASSERT_OK_AND_ASSIGN(const StepResult whole,
                       executor->Step(Next(*executor, reference, 200), stop_));
  const std::vector<float> expected = Rows(whole);
  int stopped = 0;
  for (int round = 0; round < 60; ++round) {
    ASSERT_OK_AND_ASSIGN(const SequenceId id, executor->AddSequence());
    StopFlag stop;
    std::thread other([&stop, round] {
      std::this_thread::sleep_for(std::chrono::microseconds(round * 50));
      stop.Set(StopFlag::Ask::kStop);
    });
    ASSERT_OK_AND_ASSIGN(const StepResult result, executor->Step(Next(*executor, id, 200), stop));
    other.join();
    if (result.finished) {
      EXPECT_TRUE(std::ranges::equal(result.rows, expected));
    } else {
      ++stopped;
      EXPECT_EQ(executor->Length(id), 0u);
      EXPECT_EQ(executor->KvBytes(id), 0u);
    }
    executor->RemoveSequence(id);
  }
  EXPECT_GT(stopped, 0);
}

TEST_F(NativeExecutorTest, GivesBackWhatRemovedSequencesHad) {
  NativeBench bench(model_);
  ASSERT_OK_AND_ASSIGN(Executor * executor, bench.Make());
  ASSERT_OK_AND_ASSIGN(const SequenceId gone, executor->AddSequence());
  ASSERT_OK_AND_ASSIGN(const SequenceId kept, executor->AddSequence());
  for (const SequenceId id : {gone, kept}) {
    ASSERT_OK_AND_ASSIGN(const StepResult result, executor->Step(Next(*executor, id, 100), stop_));
    ASSERT_TRUE(result.finished);
  }
  executor->RemoveSequence(gone);
  EXPECT_GT(bench.budget().used(MemoryKind::kKv), executor->KvBytes(kept));
  executor->GiveBackUnused();
  EXPECT_EQ(bench.budget().used(MemoryKind::kKv), executor->KvBytes(kept));
  executor->RemoveSequence(kept);
  executor->GiveBackUnused();
  EXPECT_EQ(bench.budget().used(MemoryKind::kKv), 0u);
}

TEST_F(NativeExecutorTest, AStepOverTheBudgetChangesNothing) {
  NativeBench bench(model_);
  ASSERT_OK_AND_ASSIGN(Executor * executor, bench.Make());
  ASSERT_OK_AND_ASSIGN(const SequenceId a, executor->AddSequence());
  ASSERT_OK_AND_ASSIGN(const SequenceId b, executor->AddSequence());
  ASSERT_OK(executor->Step(Next(*executor, a, 30), stop_));
  ASSERT_OK(executor->Step(Next(*executor, b, 30), stop_));
  // Two more pages fit, the batch needs three.
  bench.budget().SetTotal(bench.budget().used() + 2 * executor->info().kv_page_bytes);
  Batch batch = Next(*executor, a, 10);
  const Batch second = Next(*executor, b, 60);
  batch.columns.insert(batch.columns.end(), second.columns.begin(), second.columns.end());
  EXPECT_ERROR(executor->Step(batch, stop_), Code::kOverBudget, "");
  EXPECT_EQ(executor->Length(a), 30u);
  EXPECT_EQ(executor->Length(b), 30u);
  EXPECT_EQ(executor->KvBytes(a), executor->info().kv_page_bytes);
  EXPECT_EQ(executor->KvBytes(b), executor->info().kv_page_bytes);
  EXPECT_OK(executor->Step(Next(*executor, a, 10), stop_));
}

TEST_F(NativeExecutorTest, GivesAllMemoryBack) {
  NativeBench bench(model_);
  {
    ASSERT_OK_AND_ASSIGN(Executor * executor, bench.Make());
    EXPECT_EQ(bench.budget().used(MemoryKind::kScratch), executor->info().scratch_bytes);
    ASSERT_OK_AND_ASSIGN(const SequenceId id, executor->AddSequence());
    ASSERT_OK(executor->Reserve(id, 100));
    EXPECT_EQ(executor->KvBytes(id), 4 * executor->info().kv_page_bytes);
    EXPECT_EQ(bench.budget().used(MemoryKind::kKv), executor->KvBytes(id));
    ASSERT_OK(executor->Step(Next(*executor, id, 50), stop_));
    EXPECT_EQ(executor->KvBytes(id), 4 * executor->info().kv_page_bytes);
    EXPECT_EQ(bench.budget().used(MemoryKind::kScratch),
              executor->info().scratch_bytes);  // with one row
    Batch batch = Next(*executor, id, 10);
    for (Column& column : batch.columns) column.want_logits = true;
    ASSERT_OK(executor->Step(batch, stop_));
    EXPECT_EQ(bench.budget().used(MemoryKind::kScratch),
              executor->info().scratch_bytes + 9 * 307 * sizeof(float));
  }
  bench.Drop();
  EXPECT_EQ(bench.budget().used(), 0u);
}

TEST_F(NativeExecutorTest, AForkSharesPagesUntilItGrows) {
  NativeBench bench(model_);
  ASSERT_OK_AND_ASSIGN(Executor * executor, bench.Make());
  ASSERT_OK_AND_ASSIGN(const SequenceId id, executor->AddSequence());
  ASSERT_OK(executor->Step(Next(*executor, id, 40), stop_));
  const uint64_t used = bench.budget().used(MemoryKind::kKv);
  ASSERT_OK_AND_ASSIGN(const Executor::Forked fork, executor->Fork(id, 37));
  EXPECT_EQ(fork.length, 37u);
  EXPECT_EQ(executor->Length(fork.id), 37u);
  EXPECT_EQ(bench.budget().used(MemoryKind::kKv), used);
  ASSERT_OK(executor->Step(Next(*executor, fork.id, 1), stop_));
  EXPECT_EQ(bench.budget().used(MemoryKind::kKv), used + executor->info().kv_page_bytes);
}

TEST_F(NativeExecutorTest, RefusesResultsOfWeightsThatWereCutUnderIt) {
  const std::string packed_path = folder_ / "tiny.packed";
  {
    ASSERT_OK_AND_ASSIGN(auto pending, PosixOs().Create(packed_path));
    ASSERT_OK(PackGguf(PosixOs(), folder_ / "tiny.gguf", *pending, nullptr));
    ASSERT_OK(pending->Commit());
  }
  ASSERT_OK_AND_ASSIGN(auto packed, PackedModel::Open(PosixOs(), packed_path));
  ASSERT_OK_AND_ASSIGN(auto model, Model::Load(packed));
  NativeBench bench(model);
  ASSERT_OK_AND_ASSIGN(Executor * executor, bench.Make());
  ASSERT_OK_AND_ASSIGN(const SequenceId id, executor->AddSequence());
  ASSERT_OK(executor->Step(Next(*executor, id, 3), stop_));
  std::filesystem::permissions(packed_path, std::filesystem::perms::owner_all);
  std::filesystem::resize_file(packed_path, 4096);
  EXPECT_ERROR(executor->Step(Next(*executor, id, 50), stop_), Code::kIo, packed_path);
  EXPECT_EQ(executor->Length(id), 3u);
  EXPECT_EQ(executor->KvBytes(id), executor->info().kv_page_bytes);
}

// Every fusion has a plain twin; threads and kernels are free to differ too.
TEST_F(NativeExecutorTest, FusedUnfusedThreadsAndInstructionSetsGiveTheSameBits) {
  std::vector<Fusions> variants = {{}, Fusions::None()};
  for (bool Fusions::* fusion :
       {&Fusions::norm, &Fusions::heads, &Fusions::gated, &Fusions::residual}) {
    variants.emplace_back().*fusion = false;
  }
  std::vector<float> expected_of[2];  // of kernels without and with fused multiply-add
  for (const Kernels* kernels : RunnableKernels()) {
    std::vector<float>& expected = expected_of[kernels->fused ? 1 : 0];
    for (const int threads : {1, 2, 3}) {
      for (size_t variant = 0; variant < variants.size(); ++variant) {
        if (variant > 1 && kernels != &BestKernels()) continue;
        NativeBench bench(model_, threads);
        ASSERT_OK_AND_ASSIGN(Executor * executor, bench.Make({.kernels = kernels,
                                                              .fusions = variants[variant],
                                                              .prefetch = variant % 2 == 0,
                                                              .huge_pages = variant % 2 == 0}));
        ASSERT_OK_AND_ASSIGN(const SequenceId id, executor->AddSequence());
        std::vector<float> rows;
        for (const uint32_t columns : {150u, 1u, 2u, 140u, 5u, 1u}) {
          ASSERT_OK_AND_ASSIGN(const StepResult result,
                               executor->Step(Next(*executor, id, columns), stop_));
          rows.insert(rows.end(), result.rows.begin(), result.rows.end());
        }
        if (expected.empty()) expected = rows;
        EXPECT_TRUE(rows == expected)
            << kernels->name << ", " << threads << " threads, variant " << variant;
      }
    }
  }
}

// Six sequences with a common beginning of 600 tokens, a stranger, and a chunk of another's prompt,
// step by step together: with the common pages read once for all, and each for itself.
TEST_F(NativeExecutorTest, SharedPrefixesGiveTheSameBits) {
  for (const KvType kv_type : {KvType::kF32, KvType::kF16, KvType::kQ8}) {
    std::vector<float> expected;
    for (const int threads : {1, 2, 3}) {
      for (const bool share : {false, true}) {
        NativeBench bench(model_, threads);
        ASSERT_OK_AND_ASSIGN(Executor * executor,
                             bench.Make({.kv_type = kv_type, .share_prefixes = share}));
        ASSERT_OK_AND_ASSIGN(const SequenceId parent, executor->AddSequence());
        ASSERT_OK(executor->Step(Next(*executor, parent, 512), stop_));
        ASSERT_OK(executor->Step(Next(*executor, parent, 100, 5), stop_));
        std::vector<SequenceId> ids = {parent};
        for (uint32_t i = 0; i < 5; ++i) {
          ASSERT_OK_AND_ASSIGN(const Executor::Forked fork, executor->Fork(parent, 600 - 70 * i));
          ids.push_back(fork.id);
          ASSERT_OK(executor->Step(Next(*executor, fork.id, 1 + 90 * i, 11), stop_));
        }
        ASSERT_OK_AND_ASSIGN(const SequenceId stranger, executor->AddSequence());
        ASSERT_OK(executor->Step(Next(*executor, stranger, 300, 13), stop_));
        ids.push_back(stranger);
        std::vector<float> rows;
        for (const uint32_t prompt : {0u, 70u, 3u}) {
          Batch batch;
          for (const SequenceId id : ids) {
            const Batch one = Next(*executor, id, 1 + id % 3, static_cast<Token>(id));
            batch.columns.insert(batch.columns.end(), one.columns.begin(), one.columns.end());
          }
          ASSERT_OK_AND_ASSIGN(const SequenceId other, executor->AddSequence());
          const Batch chunk = Next(*executor, other, prompt);
          batch.columns.insert(batch.columns.end(), chunk.columns.begin(), chunk.columns.end());
          ASSERT_OK_AND_ASSIGN(const StepResult result, executor->Step(batch, stop_));
          rows.insert(rows.end(), result.rows.begin(), result.rows.end());
        }
        if (expected.empty()) expected = rows;
        EXPECT_TRUE(rows == expected)
            << threads << " threads, shared " << share << ", KV type " << static_cast<int>(kv_type);
      }
    }
  }
}

}  // namespace
}  // namespace ledge
