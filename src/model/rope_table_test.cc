#include "model/rope_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

namespace ledge {
namespace {

struct Golden {
  uint32_t position;
  uint32_t pair;
  double cos;
  double sin;
};

// Expected values come from the papers' formulas evaluated in double by an independent program.
void ExpectFills(const RopeSpec& spec, std::span<const Golden> golden) {
  auto table = RopeTable::Create(spec);
  ASSERT_TRUE(table.ok()) << table.error().message;
  ASSERT_EQ(table->dims(), spec.dims);
  std::vector<float> cos_sin(spec.dims);
  for (const Golden& want : golden) {
    table->Fill(want.position, cos_sin.data());
    EXPECT_NEAR(cos_sin[2 * want.pair], want.cos, 1.5e-7)
        << want.position << ", pair " << want.pair;
    EXPECT_NEAR(cos_sin[2 * want.pair + 1], want.sin, 1.5e-7)
        << want.position << ", pair " << want.pair;
  }
}

TEST(RopeTable, PlainIsExactAtFarPositions) {
  ExpectFills({.dims = 128, .base = 10000},
              std::array<Golden, 7>{{{0, 0, 1, 0},
                                     {0, 63, 1, 0},
                                     {131071, 0, -0.817983499, -0.575241684},
                                     {131071, 1, -0.978270913, -0.207330704},
                                     {131071, 40, 0.978582971, -0.205852787},
                                     {4000000, 0, 0.140077473, -0.990140546},
                                     {4000000, 63, -0.995135689, -0.0985137528}}});
}

TEST(RopeTable, LinearDividesPositions) {
  ExpectFills({.dims = 16, .base = 10000, .scaling = RopeScaling::kLinear, .factor = 4},
              std::array<Golden, 6>{{{1, 0, 0.968912422, 0.247403959},
                                     {1, 7, 0.999999997, 7.90569414e-05},
                                     {90, 1, 0.673443327, 0.739238856},
                                     {90, 3, 0.757375128, 0.652980027},
                                     {511, 0, -0.492967784, 0.870047564},
                                     {511, 4, 0.289109351, 0.957296079}}});
}

// Llama 3 scaling (factor 8, low 1, high 4, original context 64) as rope_freqs.weight carries it:
// the expected values use the rounded factors.
TEST(RopeTable, FactorsDivideFrequencies) {
  std::array<float, 16> factors;
  factors.fill(8);
  factors[0] = factors[1] = 1;
  factors[2] = 2.44225939f;
  ExpectFills({.dims = 32, .base = 500000, .factors = factors},
              std::array<Golden, 9>{{{1, 0, 0.540302306, 0.841470985},
                                     {1, 2, 0.996849237, 0.0793196008},
                                     {1, 15, 1, 5.6770881e-07},
                                     {100, 1, 0.99852269, 0.0543363439},
                                     {100, 2, -0.0862123826, 0.996276781},
                                     {100, 3, 0.482347479, 0.875979971},
                                     {511, 0, -0.471678874, 0.881770401},
                                     {511, 2, -0.964891725, 0.262647977},
                                     {511, 7, 0.979034286, 0.203695526}}});
}

RopeSpec Yarn() {
  return {.dims = 32,
          .base = 10000,
          .scaling = RopeScaling::kYarn,
          .factor = 4,
          .original_context = 64};
}

TEST(RopeTable, YarnBlendsFrequenciesAndScalesTheMagnitude) {
  ExpectFills(Yarn(), std::array<Golden, 11>{{{1, 0, 0.61520411, 0.958123633},
                                              {1, 3, 1.13318777, 0.111186606},
                                              {1, 8, 1.13862588, 0.00284657063},
                                              {1, 15, 1.13862943, 5.0620032e-05},
                                              {63, 1, 0.301784925, -1.0979084},
                                              {63, 5, 0.720475994, 0.881697984},
                                              {63, 15, 1.13862497, 0.00318905785},
                                              {255, 0, -0.981844271, -0.576592422},
                                              {255, 2, 1.13271008, -0.115951981},
                                              {255, 4, -0.813283897, -0.796897921},
                                              {255, 9, 1.0662431, 0.399503006}}});
}

// gpt-oss: the ramp runs from pair 8.09 to 17.4, or from 8 to 18.
TEST(RopeTable, YarnsRampMayBeginBetweenPairs) {
  RopeSpec spec = {.dims = 64,
                   .base = 150000,
                   .scaling = RopeScaling::kYarn,
                   .factor = 32,
                   .original_context = 4096};
  ExpectFills(spec, std::array<Golden, 4>{{{1, 8, 1.344835545, 0.068394373},
                                           {100, 12, 1.028551859, 0.869103854},
                                           {4000, 17, 0.824548241, 1.064603509},
                                           {4000, 20, 1.343011422, 0.097881333}}});
  spec.truncate = false;
  ExpectFills(spec, std::array<Golden, 4>{{{1, 8, 1.344835545, 0.068394373},
                                           {100, 12, 1.047485543, 0.846188201},
                                           {4000, 17, 1.170401436, 0.665898576},
                                           {4000, 20, 1.343011422, 0.097881333}}});
}

TEST(RopeTable, MagnitudeTakesAttnFactorAndLogMultiplier) {
  RopeSpec spec = Yarn();
  EXPECT_NEAR(RopeTable::Create(spec)->magnitude(), 1.1386294361, 1e-9);
  spec.attn_factor = 0.5;
  EXPECT_NEAR(RopeTable::Create(spec)->magnitude(), 0.5 * 1.1386294361, 1e-9);
  spec.attn_factor = 1;
  spec.log_multiplier = 1;  // cancels exactly
  EXPECT_DOUBLE_EQ(RopeTable::Create(spec)->magnitude(), 1.0);
  spec.log_multiplier = 0.5;
  EXPECT_NEAR(RopeTable::Create(spec)->magnitude(), 1.1386294361 / 1.0693147181, 1e-9);
  spec.log_multiplier = 0;
  spec.factor = 0.5;  // shrinking leaves the magnitude alone
  EXPECT_DOUBLE_EQ(RopeTable::Create(spec)->magnitude(), 1.0);
  const RopeSpec plain = {.dims = 2, .attn_factor = 1.19};
  EXPECT_DOUBLE_EQ(RopeTable::Create(plain)->magnitude(), 1.19);
}

void ExpectRefused(const RopeSpec& spec, std::string_view field) {
  const auto table = RopeTable::Create(spec);
  ASSERT_FALSE(table.ok()) << field;
  EXPECT_EQ(table.error().code, Code::kMalformed);
  EXPECT_THAT(table.error().message, ::testing::HasSubstr(std::string(field)));
}

TEST(RopeTable, RefusesNumbersThatGiveNoAngles) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  for (const double bad : {0.0, -1.0, nan, inf, -inf}) {
    ExpectRefused({.dims = 64, .base = bad}, "rope.freq_base");
    ExpectRefused({.dims = 64, .scaling = RopeScaling::kLinear, .factor = bad},
                  "rope.scaling.factor");
    ExpectRefused({.dims = 64, .attn_factor = bad}, "rope.scaling.attn_factor");
    RopeSpec spec = Yarn();
    spec.beta_fast = bad;
    ExpectRefused(spec, "yarn_beta_fast");
    spec = Yarn();
    spec.beta_slow = bad;
    ExpectRefused(spec, "yarn_beta_slow");
    const std::array<float, 2> factors = {1.0f, static_cast<float>(bad)};
    ExpectRefused({.dims = 4, .factors = factors}, "rope frequency factor");
  }
  for (const uint32_t dims : {0u, 1u, 63u, 1u << 31, ~0u})
    ExpectRefused({.dims = dims}, "rope.dimension_count");
  RopeSpec spec = Yarn();
  spec.original_context = 0;
  ExpectRefused(spec, "original_context_length");
  spec = Yarn();
  spec.base = 1;
  ExpectRefused(spec, "rope.freq_base");
  spec = Yarn();
  spec.log_multiplier = -1;
  ExpectRefused(spec, "yarn_log_multiplier");
  const std::array<float, 3> factors = {1, 1, 1};
  ExpectRefused({.dims = 8, .factors = factors}, "must be 4");
  // Finite numbers whose angles would not be.
  ExpectRefused({.dims = 64, .base = 1e-300, .scaling = RopeScaling::kLinear, .factor = 1e-30},
                "infinite frequency");
  ExpectRefused({.dims = 64, .attn_factor = 1e300}, "attn_factor");
}

TEST(RopeTable, StaysFiniteWhereItAccepts) {
  const RopeSpec spec = {.dims = 64, .base = 1e-200};
  const auto table = RopeTable::Create(spec);
  ASSERT_TRUE(table.ok());
  std::array<float, 64> cos_sin;
  table->Fill(std::numeric_limits<uint32_t>::max(), cos_sin.data());
  for (const float value : cos_sin) EXPECT_TRUE(std::isfinite(value));
}

}  // namespace
}  // namespace ledge
