#include "engine/sampling/sampler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "engine/sampling/exact_math.h"
#include "testing/result_matchers.h"

namespace ledge {
namespace {

// Nothing but the temperature.
SamplingOptions Bare(float temperature = 1) {
  SamplingOptions options;
  options.temperature = temperature;
  options.top_k = 0;
  options.top_p = 1;
  options.min_p = 0;
  options.seed = 42;
  return options;
}

std::vector<float> LogitsOf(const std::vector<double>& probabilities) {
  std::vector<float> logits;
  for (const double p : probabilities) logits.push_back(static_cast<float>(std::log(p) + 3));
  return logits;
}

Sampler Make(const SamplingOptions& options, size_t vocab) {
  auto sampler = Sampler::Create(options, vocab);
  EXPECT_OK(sampler);
  return std::move(sampler).value();
}

std::vector<Token> Draws(const SamplingOptions& options, const std::vector<float>& logits, int n) {
  auto sampler = Make(options, logits.size());
  std::vector<Token> tokens;
  for (int i = 0; i < n; ++i) tokens.push_back(sampler.Sample(logits)->token);
  return tokens;
}

std::set<Token> Support(const SamplingOptions& options, const std::vector<float>& logits) {
  const auto draws = Draws(options, logits, 3000);
  return {draws.begin(), draws.end()};
}

using ::testing::ElementsAre;

TEST(Sampler, GreedyTakesTheLikeliestAndTiesGoToTheLowestId) {
  EXPECT_EQ(Draws(Bare(0), {0, 3, 1, 3}, 1)[0], 1);
  EXPECT_EQ(Draws(Bare(0), {2, 2, 2}, 1)[0], 0);
  EXPECT_EQ(Draws(Bare(0), {-INFINITY, -5, -INFINITY}, 1)[0], 1);
}

TEST(Sampler, DrawsFollowTheDistribution) {
  const std::vector<double> wanted = {0.5, 0.25, 0.15, 0.07, 0.03};
  constexpr int kDraws = 40000;
  std::map<Token, int> counts;
  for (const Token token : Draws(Bare(), LogitsOf(wanted), kDraws)) ++counts[token];
  double chi_square = 0;
  for (size_t i = 0; i < wanted.size(); ++i) {
    const double expected = wanted[i] * kDraws;
    chi_square += (counts[static_cast<Token>(i)] - expected) *
                  (counts[static_cast<Token>(i)] - expected) / expected;
  }
  EXPECT_LT(chi_square, 18.5);  // four degrees of freedom, p = 0.001
}

TEST(Sampler, TemperatureSharpensAndFlattens) {
  const auto share = [](float temperature) {
    const auto draws = Draws(Bare(temperature), LogitsOf({0.6, 0.4}), 20000);
    return static_cast<double>(std::count(draws.begin(), draws.end(), 0)) / 20000;
  };
  EXPECT_NEAR(share(0.5f), 0.36 / 0.52, 0.02);
  EXPECT_NEAR(share(2.0f), std::sqrt(0.6) / (std::sqrt(0.6) + std::sqrt(0.4)), 0.02);
  EXPECT_EQ(share(1e-6f), 1.0);
}

TEST(Sampler, SameSeedGivesTheSameTokensForEver) {
  const auto logits = LogitsOf({0.2, 0.2, 0.2, 0.2, 0.2});
  EXPECT_EQ(Draws(Bare(), logits, 100), Draws(Bare(), logits, 100));
  // Fixed: a change here changes everybody's answers.
  EXPECT_THAT(Draws(Bare(), logits, 12), ElementsAre(3, 3, 3, 1, 4, 0, 1, 0, 2, 2, 4, 2));
  auto other = Bare();
  other.seed = 43;
  EXPECT_NE(Draws(Bare(), logits, 100), Draws(other, logits, 100));
}

TEST(Sampler, FiltersKeepWhatTheyPromise) {
  const auto logits = LogitsOf({0.05, 0.4, 0.3, 0.15, 0.1});
  auto options = Bare();
  options.top_k = 2;
  EXPECT_THAT(Support(options, logits), ElementsAre(1, 2));
  options = Bare();
  options.top_p = 0.69f;
  EXPECT_THAT(Support(options, logits), ElementsAre(1, 2));
  options.top_p = 0.71f;
  EXPECT_THAT(Support(options, logits), ElementsAre(1, 2, 3));
  options.top_p = 0;
  EXPECT_THAT(Support(options, logits), ElementsAre(1));
  options = Bare();
  options.min_p = 0.3f;
  EXPECT_THAT(Support(options, logits), ElementsAre(1, 2, 3));
  options.min_p = 1;
  EXPECT_THAT(Support(options, logits), ElementsAre(1));
  options = Bare();
  options.typical_p = 0.2f;  // entropy 1.39 nats; -log 0.3 = 1.20 is the nearest surprise
  EXPECT_THAT(Support(options, logits), ElementsAre(2));
  options = Bare();
  EXPECT_THAT(Support(options, logits), ElementsAre(0, 1, 2, 3, 4));
}

TEST(Sampler, TopKBreaksTiesByTheLowestId) {
  auto options = Bare();
  options.top_k = 2;
  EXPECT_THAT(Support(options, {1, 1, 1, 1}), ElementsAre(0, 1));
}

TEST(Sampler, ForbiddenTokensAreNeverDrawn) {
  EXPECT_THAT(Support(Bare(), {-INFINITY, 0, -INFINITY, 0}), ElementsAre(1, 3));
  auto options = Bare();
  options.logit_bias = {{1, -INFINITY}};
  EXPECT_THAT(Support(options, {-INFINITY, 0, -INFINITY, 0}), ElementsAre(3));
  options.logit_bias = {{1, -INFINITY}, {3, -INFINITY}};
  EXPECT_ERROR(Make(options, 4).Sample(std::vector<float>{-INFINITY, 0, -INFINITY, 0}),
               Code::kMalformed, "no token");
}

TEST(Sampler, BiasAndPenaltiesChangeLogits) {
  auto options = Bare(0);
  options.logit_bias = {{2, 5}};
  EXPECT_EQ(Draws(options, {0, 3, 1}, 1)[0], 2);
  options = Bare(0);
  options.repeat_penalty = 2;
  auto sampler = Make(options, 3);
  sampler.Accept(1);
  EXPECT_EQ(sampler.Sample(std::vector<float>{2, 3, 1})->token, 0);     // 3 / 2 < 2
  EXPECT_EQ(sampler.Sample(std::vector<float>{-3, -2, -9})->token, 0);  // -2 * 2 < -3
  options = Bare(0);
  options.presence_penalty = 1.5f;
  sampler = Make(options, 3);
  sampler.Accept(1);
  sampler.Accept(1);
  EXPECT_EQ(sampler.Sample(std::vector<float>{2, 3, 1})->token, 0);
  EXPECT_EQ(sampler.Sample(std::vector<float>{1, 3, 1})->token, 1);
  options = Bare(0);
  options.frequency_penalty = 1.5f;
  sampler = Make(options, 3);
  sampler.Accept(1);
  sampler.Accept(1);
  EXPECT_EQ(sampler.Sample(std::vector<float>{1, 3, -1})->token, 0);
}

TEST(Sampler, PenaltiesForgetWhatLeftTheWindow) {
  auto options = Bare(0);
  options.presence_penalty = 10;
  options.repeat_last_n = 2;
  auto sampler = Make(options, 3);
  sampler.Accept(0);
  EXPECT_EQ(sampler.Sample(std::vector<float>{3, 2, 1})->token, 1);
  sampler.Accept(1);
  EXPECT_EQ(sampler.Sample(std::vector<float>{3, 2, 1})->token, 2);
  sampler.Accept(2);
  EXPECT_EQ(sampler.Sample(std::vector<float>{3, 2, 1})->token, 0);
  sampler.Accept(-5);  // what no vocabulary has changes nothing
}

TEST(Sampler, NotANumberIsAnErrorThatNamesTheToken) {
  auto sampler = Make(Bare(), 3);
  EXPECT_ERROR(sampler.Sample(std::vector<float>{0, NAN, 0}), Code::kMalformed,
               "nan as the logit of token 1");
  EXPECT_ERROR(sampler.Sample(std::vector<float>{0, 0, INFINITY}), Code::kMalformed,
               "inf as the logit of token 2");
  EXPECT_ERROR(sampler.Sample(std::vector<float>{0}), Code::kInternal, "1 logits");
  EXPECT_OK(sampler.Sample(std::vector<float>{3e38f, -3e38f, 0}));
}

TEST(Sampler, LogprobsAreTheModelsOwn) {
  auto options = Bare(0);
  options.logit_bias = {{2, 100}};
  options.top_logprobs = 2;
  auto sampler = Make(options, 3);
  const auto sampled = sampler.Sample(LogitsOf({0.5, 0.3, 0.2}));
  ASSERT_OK(sampled);
  EXPECT_EQ(sampled->token, 2);
  EXPECT_NEAR(sampled->logprob, std::log(0.2), 1e-5);
  ASSERT_EQ(sampled->top.size(), 2u);
  EXPECT_EQ(sampled->top[0].token, 0);
  EXPECT_NEAR(sampled->top[0].logprob, std::log(0.5), 1e-5);
  EXPECT_EQ(sampled->top[1].token, 1);
  // Where some are not allowed, all count all the same.
  TokenSet allowed(3);
  allowed.Add(1);
  const auto masked = sampler.Sample(LogitsOf({0.5, 0.3, 0.2}), &allowed);
  EXPECT_EQ(masked->token, 1);
  EXPECT_NEAR(masked->logprob, std::log(0.3), 1e-5);
}

TEST(Sampler, WhatIsNotAllowedIsNeverDrawn) {
  TokenSet allowed(4);
  allowed.Add(1);
  allowed.Add(3);
  auto sampler = Make(Bare(), 4);
  std::map<Token, int> counts;
  for (int i = 0; i < 4000; ++i)
    ++counts[sampler.Sample(LogitsOf({0.4, 0.3, 0.2, 0.1}), &allowed)->token];
  EXPECT_EQ(counts.size(), 2u);
  EXPECT_NEAR(counts[1] / 4000.0, 0.75, 0.03);
  EXPECT_ERROR(sampler.Sample(LogitsOf({1, 1, 1, 1}), std::make_unique<TokenSet>(4).get()),
               Code::kMalformed, "no token is allowed");
}

TEST(SamplingOptions, EachWrongValueIsNamed) {
  const auto check = [](auto change) {
    SamplingOptions options;
    change(options);
    return Validate(options, 100);
  };
  EXPECT_OK(check([](auto&) {}));
  EXPECT_ERROR(check([](auto& o) { o.temperature = -1; }), Code::kUsage,
               "temperature is -1; it must be from 0 to 100");
  EXPECT_ERROR(check([](auto& o) { o.temperature = NAN; }), Code::kUsage, "temperature is nan");
  EXPECT_ERROR(check([](auto& o) { o.top_k = -1; }), Code::kUsage, "top_k is -1");
  EXPECT_ERROR(check([](auto& o) { o.top_p = 1.5f; }), Code::kUsage, "top_p is 1.5");
  EXPECT_ERROR(check([](auto& o) { o.min_p = -0.5f; }), Code::kUsage, "min_p");
  EXPECT_ERROR(check([](auto& o) { o.typical_p = 2; }), Code::kUsage, "typical_p");
  EXPECT_ERROR(check([](auto& o) { o.repeat_penalty = 0; }), Code::kUsage, "repeat_penalty");
  EXPECT_ERROR(check([](auto& o) { o.presence_penalty = NAN; }), Code::kUsage, "presence_penalty");
  EXPECT_ERROR(check([](auto& o) { o.frequency_penalty = INFINITY; }), Code::kUsage,
               "frequency_penalty");
  EXPECT_ERROR(check([](auto& o) { o.repeat_last_n = -1; }), Code::kUsage, "repeat_last_n");
  EXPECT_ERROR(check([](auto& o) { o.top_logprobs = 21; }), Code::kUsage,
               "top_logprobs is 21; it must be from -1 to 20");
  // Row 25 of the catalogue of bad inputs.
  EXPECT_ERROR(check([](auto& o) { o.logit_bias = {{100, 1}}; }), Code::kUsage,
               "names token 100; the vocabulary has 0 to 99");
  EXPECT_ERROR(check([](auto& o) { o.logit_bias = {{-1, 1}}; }), Code::kUsage, "names token -1");
  EXPECT_ERROR(check([](auto& o) { o.logit_bias = {{1, NAN}}; }), Code::kUsage,
               "logit_bias of token 1 is nan");
}

// Over a vocabulary as models have them: the same set and shares as by the definition.
TEST(Sampler, KeepsOfManyTokensWhatTheDefinitionKeeps) {
  constexpr size_t kVocab = 20'000;
  std::vector<float> logits(kVocab);
  Random random(5);
  for (size_t i = 0; i < kVocab; ++i) {
    const double u = random.NextUnit();
    logits[i] = static_cast<float>(12 * std::pow(u, 40) + 4 * u);
  }
  std::vector<size_t> order(kVocab);
  for (size_t i = 0; i < kVocab; ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return logits[a] > logits[b]; });
  const auto p = [&](size_t i, double t) { return std::exp((logits[i] - logits[order[0]]) / t); };
  for (const float t : {0.5f, 1.0f}) {
    double sum = 0;
    for (size_t i = 0; i < kVocab; ++i) sum += p(i, t);
    std::map<Token, int> counts;
    constexpr int kDraws = 4000;
    for (const Token token : Draws(Bare(t), logits, kDraws)) ++counts[token];
    for (int rank = 0; rank < 3; ++rank) {
      const double share = p(order[static_cast<size_t>(rank)], t) / sum;
      EXPECT_NEAR(counts[static_cast<Token>(order[static_cast<size_t>(rank)])] / double{kDraws},
                  share, 4 * std::sqrt(share / kDraws) + 1e-3);
    }
  }
  auto options = Bare();
  options.min_p = 0.02f;
  const auto likely = Support(options, logits);
  for (const Token token : likely) EXPECT_GE(p(static_cast<size_t>(token), 1), 0.0199);
  options = Bare();
  options.top_p = 0.2f;
  double sum = 0;
  for (size_t i = 0; i < kVocab; ++i) sum += p(i, 1);
  double mass = 0;
  std::set<Token> kept;
  for (size_t rank = 0; mass < 0.2 * sum; ++rank) {
    kept.insert(static_cast<Token>(order[rank]));
    mass += p(order[rank], 1);
  }
  for (const Token token : Support(options, logits)) EXPECT_TRUE(kept.contains(token)) << token;
}

// Among few tokens all that are kept are drawn sooner or later: none is left out at the borders of
// bands, among equals, or at the end.
TEST(Sampler, TopPKeepsExactlyTheLikeliest) {
  Random random(7);
  for (int round = 0; round < 40; ++round) {
    std::vector<double> p(6 + static_cast<size_t>(round) % 5);
    double sum = 0;
    for (double& each : p) {
      // Some far apart, some equal.
      each = std::exp(-static_cast<double>(random.Next32() % 8) * (round % 2 == 0 ? 0.3 : 2));
      sum += each;
    }
    std::vector<Token> order(p.size());
    for (size_t i = 0; i < p.size(); ++i) order[i] = static_cast<Token>(i);
    std::ranges::stable_sort(order, std::greater<>(),
                             [&](Token token) { return p[static_cast<size_t>(token)]; });
    auto options = Bare(50);  // all that is left is drawn alike
    options.top_p = static_cast<float>(0.05 + 0.9 * random.NextUnit());
    std::set<Token> kept;
    double mass = 0;
    for (const Token token : order) {
      kept.insert(token);
      mass += p[static_cast<size_t>(token)] / sum;
      if (mass >= options.top_p) break;
    }
    EXPECT_EQ(Support(options, LogitsOf(p)), kept) << round;
  }
}

TEST(ExactMath, AgreesWithTheLibrary) {
  for (double x = -700; x <= 0; x += 0.37) EXPECT_NEAR(ExactExp(x) / std::exp(x), 1, 1e-14) << x;
  EXPECT_EQ(ExactExp(0), 1);
  EXPECT_EQ(ExactExp(-1e300), 0);
  EXPECT_EQ(ExactExp(-INFINITY), 0);
  for (double x = 1e-300; x < 1e300; x *= 1.7)
    EXPECT_NEAR(ExactLog(x), std::log(x), 1e-13 + 1e-15 * std::fabs(std::log(x))) << x;
  EXPECT_EQ(ExactLog(1), 0);
}

TEST(ExactMath, ManyAtOnceAgreeWithOneByOne) {
  std::vector<float> x;
  for (int i = 0; i < 4001; ++i) x.push_back(3 - static_cast<float>(i) * 0.017f);
  x.push_back(-INFINITY);
  x.push_back(-3e38f);
  std::vector<float> all(x.size());
  for (const float scale : {1.0f, 0.3f, 7.0f}) {
    ExpsOf(x, 3, scale, all);
    double sum = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      const double wanted = std::exp((static_cast<double>(x[i]) - 3) * scale);
      // What is rounded before the exponent is taken counts there.
      const double slack = 3e-7 + 2e-7 * std::fabs((x[i] - 3) * scale);
      EXPECT_NEAR(all[i], wanted, wanted * std::min(slack, 1.0) + 1e-36) << x[i];
      sum += all[i];
    }
    EXPECT_NEAR(SumOf(all), sum, 1e-12 * sum);
  }
  EXPECT_EQ(all[0], 1);
}

TEST(Random, FollowsItsReference) {
  Random random(1);
  for (const uint32_t expected : {1299187792u, 2962700197u, 1071401340u})
    EXPECT_EQ(random.Next32(), expected);
  double sum = 0;
  for (int i = 0; i < 10000; ++i) {
    const double unit = random.NextUnit();
    ASSERT_GE(unit, 0);
    ASSERT_LT(unit, 1);
    sum += unit;
  }
  EXPECT_NEAR(sum / 10000, 0.5, 0.01);
}

}  // namespace
}  // namespace ledge
