#include "executor/native/experts.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

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

}  // namespace
}  // namespace ledge
