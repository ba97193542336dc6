#include "executor/native/experts.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <mutex>
#include <set>

#include "testing/loaded_model.h"
#include "testing/packing.h"
#include "testing/result_matchers.h"
#include "testing/tiny_models.h"

namespace ledge {
namespace {

struct Choice {
  std::vector<uint32_t> chosen;
  std::vector<float> weights;
};

Choice Choose(const ExpertsSpec& experts, std::vector<float> router) {
  Choice choice{std::vector<uint32_t>(experts.used), std::vector<float>(experts.used)};
  ChooseExperts(BestKernels(), experts, router.data(), choice.chosen.data(), choice.weights.data());
  return choice;
}

ExpertsSpec Spec(ExpertGating gating, bool renormalise) {
  ExpertsSpec experts;
  experts.count = 4;
  experts.used = 2;
  experts.gating = gating;
  experts.renormalise = renormalise;
  return experts;
}

TEST(ChooseExperts, TakesTheLargestAndTheLowerOfEquals) {
  const Choice choice = Choose(Spec(ExpertGating::kSoftmax, false), {1, 3, 2, 3});
  EXPECT_EQ(choice.chosen, (std::vector<uint32_t>{1, 3}));
  const double sum = std::exp(1.0) + 2 * std::exp(3.0) + std::exp(2.0);
  EXPECT_NEAR(choice.weights[0], std::exp(3.0) / sum, 1e-6);
}

TEST(ChooseExperts, RenormalisedWeightsSumToOne) {
  const Choice choice = Choose(Spec(ExpertGating::kSoftmax, true), {1, 3, 2, 0});
  EXPECT_NEAR(choice.weights[0] + choice.weights[1], 1, 1e-6);
  EXPECT_NEAR(choice.weights[0], 1 / (1 + std::exp(-1.0)), 1e-6);
}

TEST(ChooseExperts, SoftmaxOfTheChosenLeavesOthersOut) {
  const Choice choice = Choose(Spec(ExpertGating::kSoftmaxOfChosen, false), {1, 3, 2, 0});
  EXPECT_NEAR(choice.weights[0], 1 / (1 + std::exp(-1.0)), 1e-6);
}

TEST(ChooseExperts, TheChoiceBiasChangesTheChoiceAlone) {
  ExpertsSpec experts = Spec(ExpertGating::kSigmoid, false);
  const float bias[] = {5, 0, 0, 0};
  experts.choice_bias = {bias, 4};
  experts.scale = 2;
  const Choice choice = Choose(experts, {-1, 3, 2, 0});
  EXPECT_EQ(choice.chosen, (std::vector<uint32_t>{0, 1}));
  EXPECT_NEAR(choice.weights[0], 2 / (1 + std::exp(1.0)), 1e-6);
}

TEST(ChooseExperts, NanStillGivesDifferentExperts) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  for (const std::vector<float>& router :
       {std::vector<float>{kNan, kNan, kNan, kNan}, {1, kNan, 2, kNan}}) {
    const Choice choice = Choose(Spec(ExpertGating::kSoftmaxOfChosen, true), router);
    EXPECT_NE(choice.chosen[0], choice.chosen[1]);
    for (const uint32_t expert : choice.chosen) EXPECT_LT(expert, 4U);
  }
}

// Notes what is asked for.
class AskedMapping final : public Mapping {
 public:
  using Asked = std::set<std::pair<uint64_t, uint64_t>>;
  AskedMapping(std::span<const std::byte> bytes, Asked& asked) : heap_(bytes), asked_(asked) {}
  std::span<const std::byte> bytes() const override { return heap_.bytes(); }
  std::span<std::byte> writable() override { return heap_.writable(); }
  bool damaged() const override { return false; }
  void Advise(uint64_t offset, uint64_t length, Advice advice) override {
    EXPECT_EQ(advice, Advice::kWillNeed);
    asked_.emplace(offset, length);
  }

 private:
  testing::HeapMapping heap_;
  Asked& asked_;
};

TEST(Experts, AreAskedForWhereTheyDoNotStayInMemory) {
  ASSERT_OK_AND_ASSIGN(const auto file,
                       testing::PackedFileOf(testing::TinyModel("qwen2moe").Build()));
  AskedMapping::Asked asked;
  ASSERT_OK_AND_ASSIGN(
      auto packed, PackedModel::FromMapping(std::make_unique<AskedMapping>(file, asked), "packed"));
  ASSERT_OK_AND_ASSIGN(auto model, Model::Load(packed));
  for (const bool ask : {false, true}) {
    testing::NativeBench bench(model);
    ASSERT_OK_AND_ASSIGN(Executor * executor,
                         bench.Make({.max_columns = 8, .ask_for_experts = ask}));
    ASSERT_OK_AND_ASSIGN(const SequenceId id, executor->AddSequence());
    ASSERT_OK(executor->Step({{{id, 1, 0, true, 0}}}, StopFlag()));
    if (!ask) {
      EXPECT_TRUE(asked.empty());
    }
  }
  // One token: of each layer two experts, of each three matrices, and nothing else.
  EXPECT_EQ(asked.size(), size_t{testing::TinyModel::kLayers} * 2 * 3);
  const auto begin = packed->mapping().bytes().data();
  for (const auto& [offset, length] : asked) {
    const bool within = std::ranges::any_of(model->spec().layers, [&](const LayerSpec& layer) {
      const ExpertsSpec& experts = layer.experts;
      return std::ranges::any_of(
          std::array{&experts.gate, &experts.up, &experts.down}, [&](const PanelMatrix* all) {
            const uint64_t one = PanelCount(all->rows) * all->panel_bytes() / experts.count;
            const auto at = static_cast<uint64_t>(all->data - begin);
            return offset >= at && offset < at + experts.count * one && (offset - at) % one == 0 &&
                   length == one;
          });
    });
    EXPECT_TRUE(within) << offset;
  }
}

// How often each panel was multiplied.
struct PanelReads {
  std::mutex mutex;
  std::map<const std::byte*, int> of;
};
PanelReads& Reads() {
  static PanelReads reads;
  return reads;
}
void CountedMatmul(const MatmulTask& task) {
  {
    const std::lock_guard lock(Reads().mutex);
    for (uint32_t panel = task.panel_begin; panel < task.panel_end; ++panel)
      ++Reads().of[task.w.data + panel * task.w.panel_bytes()];
  }
  BestKernels().matmul(task);
}

// Eight sequences choose 16 experts of 4: whoever chose one, its panels are read once a step.
TEST(Experts, AreReadOnceForAllSequencesThatChoseThem) {
  ASSERT_OK_AND_ASSIGN(auto packed, testing::PackAndOpen(testing::TinyModel("qwen2moe").Build()));
  ASSERT_OK_AND_ASSIGN(auto model, Model::Load(std::move(packed)));
  Kernels counted = BestKernels();
  counted.matmul = &CountedMatmul;
  testing::NativeBench bench(model);
  ASSERT_OK_AND_ASSIGN(Executor * executor, bench.Make({.max_columns = 8, .kernels = &counted}));
  Batch batch;
  for (Token token = 1; token <= 8; ++token) {
    ASSERT_OK_AND_ASSIGN(const SequenceId id, executor->AddSequence());
    batch.columns.push_back({id, token * 5, 0, true, 0});
  }
  Reads().of.clear();
  ASSERT_OK(executor->Step(batch, StopFlag()));
  for (const LayerSpec& layer : model->spec().layers) {
    for (const PanelMatrix* all : {&layer.experts.gate, &layer.experts.up, &layer.experts.down}) {
      uint32_t read = 0;
      for (uint32_t panel = 0; panel < PanelCount(all->rows); ++panel) {
        const auto found = Reads().of.find(all->data + panel * all->panel_bytes());
        if (found == Reads().of.end()) continue;
        EXPECT_EQ(found->second, 1);
        ++read;
      }
      EXPECT_GT(read, PanelCount(all->rows) / 4) << "only one expert was chosen";
    }
  }
}

}  // namespace
}  // namespace ledge
