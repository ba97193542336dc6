// Floats for tests: reproducible ones to compute with, and comparison of their bits.
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

namespace ledge::testing {

// Normally distributed, the same for the same seed on every machine with this library.
inline std::vector<float> RandomFloats(size_t count, uint32_t seed, float deviation = 1.0f) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal(0.0f, deviation);
  std::vector<float> values(count);
  for (float& value : values) value = normal(generator);
  return values;
}

// Equal bits, so that -0 is not +0; all NaNs are alike, because which operand's payload survives is
// up to the processor.
inline ::testing::AssertionResult SameBits(std::span<const float> actual,
                                           std::span<const float> expected) {
  if (actual.size() != expected.size()) {
    return ::testing::AssertionFailure()
           << actual.size() << " values, expected " << expected.size();
  }
  for (size_t i = 0; i < actual.size(); ++i) {
    if (std::isnan(actual[i]) && std::isnan(expected[i])) continue;
    if (std::bit_cast<uint32_t>(actual[i]) != std::bit_cast<uint32_t>(expected[i])) {
      return ::testing::AssertionFailure() << "value " << i << " is " << std::hexfloat << actual[i]
                                           << ", expected " << expected[i];
    }
  }
  return ::testing::AssertionSuccess();
}

}  // namespace ledge::testing
