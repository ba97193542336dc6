#include "engine/sampling/exact_math.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace ledge {
namespace {

// 1 / i!
constexpr std::array<double, 16> kInverseFactorials = [] {
  std::array<double, 16> all{};
  double factorial = 1;
  for (int i = 0; i < 16; ++i) {
    all[static_cast<size_t>(i)] = 1 / factorial;
    factorial *= i + 1;
  }
  return all;
}();

constexpr double kLn2High =
    0x1.62e42fee00000p-1;  // its low bits are zero, so n * kLn2High is exact
constexpr double kLn2Low = 0x1.a39ef35793c76p-33;
constexpr double kSmallest = -708.0;

// The same for float.
constexpr float kLog2E = 0x1.715476p+0F;
constexpr float kLn2HighFloat = 0x1.62e000p-1F;
constexpr float kLn2LowFloat = 0x1.0bfbe8p-15F;
constexpr float kSmallestFloat = -85.0F;
constexpr float kToWhole = 0x1.8p23F;  // adding it rounds to a whole number

}  // namespace

double ExactExp(double x) {
  if (!(x > kSmallest)) return 0;
  // x = n ln 2 + r with |r| <= ln 2 / 2; then the Taylor series of exp(r), whose 15th term is below
  // 1e-18.
  const double n = std::floor(x * (1 / (kLn2High + kLn2Low)) + 0.5);
  const double r = (x - n * kLn2High) - n * kLn2Low;
  double sum = kInverseFactorials[15];
  for (size_t i = 15; i > 0; --i) sum = kInverseFactorials[i - 1] + sum * r;
  // Times 2^n, which is a normal number above kSmallest.
  return sum * std::bit_cast<double>(static_cast<uint64_t>(static_cast<int64_t>(n) + 1023) << 52);
}

double ExactLog(double x) {
  int exponent = 0;
  double m = std::frexp(x, &exponent);  // in [0.5, 1)
  if (m < 0.70710678118654752) {
    m *= 2;
    --exponent;
  }
  // log m = 2 atanh(s), s = (m - 1) / (m + 1), |s| < 0.172: s^25 / 25 is below 1e-20.
  const double s = (m - 1) / (m + 1);
  const double square = s * s;
  double sum = 0;
  for (int i = 25; i > 0; i -= 2) sum = sum * square + 1.0 / i;
  return exponent * kLn2High + (2 * s * sum + exponent * kLn2Low);
}

// Choices between floats would keep compilers from using vectors (a comparison may trap), so they
// are made by masks: of numbers that aren't positive the larger one has the smaller bits.
void ExpsOf(std::span<const float> x, float highest, float scale, std::span<float> out) {
  constexpr auto kSmallestBits = std::bit_cast<uint32_t>(kSmallestFloat);
  for (size_t i = 0; i < x.size(); ++i) {
    const auto wanted = std::bit_cast<uint32_t>((x[i] - highest) * scale);
    const uint32_t mask = wanted < kSmallestBits ? ~0U : 0U;
    const auto v = std::bit_cast<float>((wanted & mask) | (kSmallestBits & ~mask));
    const float n = (v * kLog2E + kToWhole) - kToWhole;
    const float r = (v - n * kLn2HighFloat) - n * kLn2LowFloat;
    float sum = 1.0F / 720;
    sum = 1.0F / 120 + sum * r;
    sum = 1.0F / 24 + sum * r;
    sum = 1.0F / 6 + sum * r;
    sum = 0.5F + sum * r;
    sum = 1 + sum * r;
    sum = 1 + sum * r;
    const float power =
        std::bit_cast<float>(static_cast<uint32_t>(static_cast<int32_t>(n) + 127) << 23);
    out[i] = std::bit_cast<float>(std::bit_cast<uint32_t>(sum * power) & mask);
  }
}

double SumOf(std::span<const float> values) {
  std::array<double, 4> sums{};
  size_t i = 0;
  for (; i + 4 <= values.size(); i += 4) {
    for (size_t lane = 0; lane < 4; ++lane) sums[lane] += static_cast<double>(values[i + lane]);
  }
  for (; i < values.size(); ++i) sums[0] += static_cast<double>(values[i]);
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

}  // namespace ledge
