#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "kernels/kernels.h"

namespace ledge {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<ActGroup> Quantize(const Kernels& kernels, const std::vector<float>& x) {
  std::vector<ActGroup> groups(ActGroups(static_cast<uint32_t>(x.size())));
  std::memset(groups.data(), 0x55, groups.size() * sizeof(ActGroup));
  kernels.quantize(x.data(), static_cast<uint32_t>(x.size()), groups.data());
  return groups;
}

std::vector<float> RandomColumn(uint32_t count, uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> x(count);
  for (float& value : x) value = normal(random);
  return x;
}

// Those that add products in 16 bits (isa/maddubs_dots.h) begin two sums.
bool HasTwoSeeds(const Kernels& kernels) {
  return kernels.name == "sse41" || kernels.name == "avx2" || kernels.name == "avx512";
}

void ExpectSumsFit(const Kernels& kernels, const ActGroup& group) {
  int sums[16] = {};
  for (int i = 0; i < 16; ++i) {
    int halves[2] = {};
    for (int k = 0; k < 16; ++k) halves[k / 2 % 2] += group.q[16 * i + k];
    sums[i] = halves[0] + halves[1];
    if (HasTwoSeeds(kernels)) {
      int16_t seeds[2];
      std::memcpy(seeds, &group.seed32[i], sizeof(seeds));
      ASSERT_EQ(seeds[0], -32 * halves[0]) << kernels.name;
      ASSERT_EQ(seeds[1], -32 * halves[1]) << kernels.name;
    } else {
      ASSERT_EQ(group.seed32[i], -32 * sums[i]) << kernels.name;
    }
  }
  for (int i = 0; i < 8; ++i) {
    const int sum = sums[2 * i] + sums[2 * i + 1];
    ASSERT_EQ(group.sum32f[i], static_cast<float>(sum));
    ASSERT_EQ(group.seed8[i], -8 * sum);
  }
}

TEST(Quantize, IsTheNearestMultipleOfTheScale) {
  for (const Kernels* kernels : RunnableKernels()) {
    for (const uint32_t count : {1u, 5u, 17u, 32u, 96u, 256u, 257u, 576u, 2048u, 4096u + 32u}) {
      const std::vector<float> x = RandomColumn(count, count);
      const std::vector<ActGroup> groups = Quantize(*kernels, x);
      for (size_t g = 0; g < groups.size(); ++g) {
        for (uint32_t part = 0; part < 4; ++part) {
          const size_t begin = g * 256 + part * 64;
          float peak = 0;
          for (size_t k = begin; k < begin + 64 && k < count; ++k)
            peak = std::max(peak, std::fabs(x[k]));
          ASSERT_EQ(groups[g].scale[part], peak / 127.0f);
        }
        for (uint32_t k = 0; k < 256; ++k) {
          const float value = g * 256 + k < count ? x[g * 256 + k] : 0.0f;
          const double scale = double{groups[g].scale[k / 64]};
          ASSERT_LE(std::abs(groups[g].q[k]), 127);
          ASSERT_NEAR(groups[g].q[k] * scale, value, 0.50001 * scale);
        }
        ExpectSumsFit(*kernels, groups[g]);
      }
    }
  }
}

std::vector<ActGroup> WithoutSeeds(std::vector<ActGroup> groups) {
  for (ActGroup& group : groups) std::memset(group.seed32, 0, sizeof(group.seed32));
  return groups;
}

TEST(Quantize, EveryInstructionSetGivesTheScalarBits) {
  for (uint32_t seed = 0; seed < 200; ++seed) {
    std::vector<float> x = RandomColumn(1 + seed * 7 % 700, seed);
    for (size_t i = 0; i < x.size(); i += 3) x[i] = std::round(x[i] * 4) / 8;  // ties, zeros
    const std::vector<ActGroup> expected = WithoutSeeds(Quantize(*RunnableKernels()[0], x));
    for (const Kernels* kernels : RunnableKernels()) {
      const std::vector<ActGroup> got = WithoutSeeds(Quantize(*kernels, x));
      ASSERT_EQ(std::memcmp(got.data(), expected.data(), got.size() * sizeof(ActGroup)), 0)
          << kernels->name << ", seed " << seed;
    }
  }
}

TEST(Quantize, HalvesGoToTheEvenNeighbour) {
  std::vector<float> x(256, 0.0f);
  x[0] = 127.0f;
  for (int i = 0; i < 20; ++i)
    x[1 + i] = static_cast<float>(i) + 0.5f, x[31 + i] = -static_cast<float>(i) - 0.5f;
  for (const Kernels* kernels : RunnableKernels()) {
    const std::vector<ActGroup> groups = Quantize(*kernels, x);
    EXPECT_EQ(groups[0].scale[0], 1.0f);
    for (int i = 0; i < 20; ++i) {
      EXPECT_EQ(groups[0].q[1 + i], (i + 1) / 2 * 2) << kernels->name;
      EXPECT_EQ(groups[0].q[31 + i], -((i + 1) / 2 * 2)) << kernels->name;
    }
  }
}

TEST(Quantize, ExtremesStayInRange) {
  const float largest = std::numeric_limits<float>::max();
  for (const Kernels* kernels : RunnableKernels()) {
    for (const float peak : {largest, 1e30f, 1.0f, 3e-30f}) {
      std::vector<float> x(256, -peak);
      x[3] = peak;
      const std::vector<ActGroup> groups = Quantize(*kernels, x);
      for (const float scale : groups[0].scale) EXPECT_TRUE(std::isfinite(scale));
      EXPECT_EQ(groups[0].q[3], 127);
      EXPECT_EQ(groups[0].q[4], -127);
      ExpectSumsFit(*kernels, groups[0]);
    }
  }
}

TEST(Quantize, ZeroAndTinyGroupsAreZero) {
  for (const Kernels* kernels : RunnableKernels()) {
    for (const float value : {0.0f, -0.0f, 1e-38f, -1e-44f}) {
      const ActGroup group = Quantize(*kernels, std::vector<float>(100, value))[0];
      for (const float scale : group.scale) EXPECT_EQ(scale, 0.0f);
      for (const int8_t q : group.q) EXPECT_EQ(q, 0);
      ExpectSumsFit(*kernels, group);
    }
  }
}

TEST(Quantize, WhatIsNotFiniteMakesItsScaleNaN) {
  for (const Kernels* kernels : RunnableKernels()) {
    for (const float bad : {kInfinity, -kInfinity, std::nanf("")}) {
      for (const size_t at : {0, 15, 255, 270}) {
        std::vector<float> x = RandomColumn(280, 3);
        x[at] = bad;
        const std::vector<ActGroup> groups = Quantize(*kernels, x);
        const ActGroup& hit = groups[at / 256];
        for (size_t part = 0; part < 4; ++part) {
          EXPECT_EQ(std::isnan(hit.scale[part]), part == at % 256 / 64) << kernels->name;
        }
        for (size_t k = at % 256 / 64 * 64; k < at % 256 / 64 * 64 + 64; ++k)
          EXPECT_EQ(hit.q[k], 0);
        for (const float scale : groups[1 - at / 256].scale) EXPECT_TRUE(std::isfinite(scale));
      }
    }
  }
}

}  // namespace
}  // namespace ledge
