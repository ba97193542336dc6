// "The same tokens always": what a sequence gives does not depend, bit for bit, on who shares its
// steps, how its prompt is cut, where it was forked or truncated, or how many threads there are.
#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "executor/native/native_executor.h"
#include "kernels/panel.h"
#include "testing/loaded_model.h"
#include "testing/packing.h"
#include "testing/result_matchers.h"
#include "testing/temp_dir.h"
#include "testing/tiny_llama.h"
#include "testing/tiny_models.h"

namespace ledge {
namespace {

using testing::NativeBench;
using testing::TinyLlama;

struct Case {
  std::string name;
  TinyLlama shape;
  const char* model = nullptr;  // a tiny model's name, instead
};

// Every type that a matrix can have; further shapes and kinds of model.
std::vector<Case> Cases() {
  std::vector<Case> cases = {
      // One KV head for many query heads, and heads whose size is no multiple of 16.
      {"ManyQueries", {.type = TensorType::kQ8_0, .width = 320, .heads = 16, .kv_heads = 1}},
      {"Hybrid", {}, "granitehybrid"},
      {"HybridOfExperts", {}, "granitehybrid-moe"}};
  for (const TypeInfo& info : AllTypes()) {
    if (FindPanelLayout(info.type) == nullptr) continue;
    TinyLlama shape = {.type = info.type};
    if (info.block_values > 32) {
      shape.width = 256;
      shape.feed_forward = 512;
      shape.heads = 4;
    }
    cases.push_back({std::string(info.name), shape});
  }
  return cases;
}

Result<std::shared_ptr<const Model>> Load(const Case& of) {
  if (of.model != nullptr) {
    LEDGE_TRY(auto packed, testing::PackAndOpen(testing::TinyModel(of.model).Build()));
    return Model::Load(std::move(packed));
  }
  testing::TempDir folder;
  return testing::LoadModel(folder.Write("tiny.gguf", testing::TinyLlamaFile(of.shape)));
}

constexpr size_t kSequences = 8;
constexpr uint32_t kLongest = 330;  // beyond a span and a checkpoint, of 256 both
constexpr uint32_t kContext = 512;

uint64_t HashOf(std::span<const float> row) {
  uint64_t hash = 14695981039346656037U;
  for (const float value : row) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof(bits));
    hash = (hash ^ bits) * 1099511628211U;
  }
  return hash;
}

using Tokens = std::vector<Token>;
using Hashes = std::vector<uint64_t>;  // of the logits at each position

std::vector<Tokens> RandomTokens(std::mt19937& random, uint32_t vocabulary) {
  std::vector<Tokens> all(kSequences);
  for (size_t s = 0; s < kSequences; ++s) {
    const uint32_t length = s == 0 ? kLongest : 10 + static_cast<uint32_t>(random() % 60);
    for (uint32_t i = 0; i < length; ++i)
      all[s].push_back(static_cast<Token>(random() % vocabulary));
  }
  return all;
}

// Each sequence alone, in one piece, on one thread.
Result<std::vector<Hashes>> Alone(std::shared_ptr<const Model> model, KvType kv_type,
                                  const std::vector<Tokens>& tokens) {
  NativeBench bench(std::move(model), 1);
  LEDGE_TRY(Executor * executor, bench.Make({.kv_type = kv_type, .max_context = kContext}));
  std::vector<Hashes> hashes;
  for (const Tokens& sequence : tokens) {
    LEDGE_TRY(const SequenceId id, executor->AddSequence());
    Batch batch;
    for (uint32_t i = 0; i < sequence.size(); ++i)
      batch.columns.push_back({id, sequence[i], i, true, 0});
    LEDGE_TRY(const StepResult result, executor->Step(batch, StopFlag()));
    hashes.emplace_back();
    for (size_t i = 0; i < sequence.size(); ++i) {
      // Of what is no number, all bits might agree.
      for (const float logit : result.row(i)) EXPECT_TRUE(std::isfinite(logit));
      hashes.back().push_back(HashOf(result.row(i)));
    }
  }
  return hashes;
}

// Random mixed steps, cuts, forks and abandoned steps until every sequence has reached its end.
class RandomWalk {
 public:
  RandomWalk(Executor& executor, const std::vector<Tokens>& tokens,
             const std::vector<Hashes>& expected, uint32_t seed)
      : executor_(executor), tokens_(tokens), expected_(expected), random_(seed) {}

  Result<void> Run() {
    for (size_t s = 0; s < tokens_.size(); ++s) {
      LEDGE_TRY(const SequenceId id, executor_.AddSequence());
      ids_.push_back(id);
    }
    for (int step = 0; step < 400 && !Done(); ++step) {
      if (Below(4) == 0) LEDGE_CHECK_OK(Disturb());
      LEDGE_CHECK_OK(Step());
    }
    return {};
  }
  bool Done() const {
    for (size_t s = 0; s < ids_.size(); ++s) {
      if (executor_.Length(ids_[s]) < tokens_[s].size()) return false;
    }
    return true;
  }
  int wrong() const { return wrong_; }
  int compared() const { return compared_; }

 private:
  uint32_t Below(uint32_t n) { return static_cast<uint32_t>(random_() % n); }

  // Cuts a sequence, or puts a fork in its place.
  Result<void> Disturb() {
    const size_t s = Below(static_cast<uint32_t>(ids_.size()));
    const uint32_t length = executor_.Length(ids_[s]);
    const uint32_t cut = length - std::min(length, Below(25));
    // Recurrent state is cut where it can be.
    LEDGE_TRY(const Executor::Forked fork, executor_.Fork(ids_[s], cut));
    if (Below(2) == 0) {
      executor_.RemoveSequence(fork.id);
      return executor_.Truncate(ids_[s], fork.length);
    }
    if (Below(2) == 0) {
      executor_.RemoveSequence(ids_[s]);
    } else {
      // The original goes on being written to beside the fork.
      others_.push_back(ids_[s]);
    }
    ids_[s] = fork.id;
    return {};
  }

  Result<void> Step() {
    Batch batch;
    std::vector<std::pair<size_t, uint32_t>> left;  // sequence, columns
    for (size_t s = 0; s < ids_.size(); ++s) {
      const uint32_t rest = static_cast<uint32_t>(tokens_[s].size()) - executor_.Length(ids_[s]);
      const uint32_t most = Below(6) == 0 ? 90 : Below(3) == 0 ? 1 : 9;
      if (const uint32_t columns = std::min(rest, Below(most + 1)); columns > 0)
        left.push_back({s, columns});
    }
    std::vector<uint32_t> next(ids_.size(), 0);
    std::vector<std::pair<size_t, uint32_t>> wanted;  // sequence, position
    while (!left.empty() && batch.columns.size() < executor_.info().max_columns) {
      const size_t pick = Below(static_cast<uint32_t>(left.size()));
      const size_t s = left[pick].first;
      const uint32_t position = executor_.Length(ids_[s]) + next[s]++;
      const bool want = Below(3) != 0;
      batch.columns.push_back({ids_[s], tokens_[s][position], position, want, 0});
      if (want) wanted.push_back({s, position});
      if (--left[pick].second == 0) left.erase(left.begin() + static_cast<std::ptrdiff_t>(pick));
    }
    if (!others_.empty() && batch.columns.size() < executor_.info().max_columns) {
      const SequenceId other = others_[Below(static_cast<uint32_t>(others_.size()))];
      batch.columns.push_back({other, static_cast<Token>(Below(executor_.info().vocabulary)),
                               executor_.Length(other), false, 0});
    }
    if (batch.columns.empty()) return {};
    StopFlag stop;
    if (Below(10) == 0) {
      stop.Set(StopFlag::Ask::kYield);
      LEDGE_TRY(const StepResult nothing, executor_.Step(batch, stop));
      if (nothing.finished) ++wrong_;
      stop.Set(StopFlag::Ask::kGoOn);
    }
    LEDGE_TRY(const StepResult result, executor_.Step(batch, stop));
    for (size_t row = 0; row < wanted.size(); ++row) {
      ++compared_;
      if (HashOf(result.row(row)) != expected_[wanted[row].first][wanted[row].second]) ++wrong_;
    }
    return {};
  }

  Executor& executor_;
  const std::vector<Tokens>& tokens_;
  const std::vector<Hashes>& expected_;
  std::mt19937 random_;
  std::vector<SequenceId> ids_;
  std::vector<SequenceId> others_;
  int wrong_ = 0;
  int compared_ = 0;
};

class InvarianceTest : public ::testing::TestWithParam<Case> {};

TEST_P(InvarianceTest, ASequencesBitsDependOnItAlone) {
  ASSERT_OK_AND_ASSIGN(auto model, Load(GetParam()));
  for (const KvType kv_type : {KvType::kF32, KvType::kF16, KvType::kQ8}) {
    std::mt19937 random(99);
    const std::vector<Tokens> tokens = RandomTokens(random, model->spec().vocabulary);
    ASSERT_OK_AND_ASSIGN(const std::vector<Hashes> expected, Alone(model, kv_type, tokens));
    for (const int threads : {1, 2}) {
      NativeBench bench(model, threads);
      ASSERT_OK_AND_ASSIGN(
          Executor * executor,
          bench.Make({.kv_type = kv_type, .max_columns = 100, .max_context = kContext}));
      RandomWalk walk(*executor, tokens, expected, static_cast<uint32_t>(threads));
      ASSERT_OK(walk.Run());
      EXPECT_TRUE(walk.Done());
      EXPECT_EQ(walk.wrong(), 0) << "of " << walk.compared() << " rows, KV type "
                                 << static_cast<int>(kv_type) << ", " << threads << " threads";
      EXPECT_GT(walk.compared(), 200);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Types, InvarianceTest, ::testing::ValuesIn(Cases()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace ledge
