#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/isa/scalar/simd.h"
#include "kernels/kernels.h"
#include "kernels/vector_math.h"
#include "testing/float_bits.h"

namespace ledge {
namespace {

using ::ledge::testing::RandomFloats;
using ::ledge::testing::SameBits;
using Floats = std::vector<float>;
using Math = VectorMath<isa_scalar::Simd>;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

const Kernels& Scalar() { return *RunnableKernels().front(); }

std::vector<uint32_t> Sizes() {
  std::vector<uint32_t> sizes = {80, 100, 127, 128, 576, 1000, 4096};
  for (uint32_t n = 1; n <= 67; ++n) sizes.push_back(n);
  return sizes;
}

// Room behind the values that must stay as it is.
constexpr size_t kGuard = 16;
Floats Guarded(uint32_t count) { return Floats(count + kGuard, 12345.0f); }
bool GuardIntact(const Floats& values) {
  for (size_t i = values.size() - kGuard; i < values.size(); ++i) {
    if (values[i] != 12345.0f) return false;
  }
  return true;
}

// Units in the last place of `exact`, as a float.
double UlpsOff(float actual, double exact) {
  const float nearest = static_cast<float>(std::abs(exact));
  const double ulp =
      static_cast<double>(std::nextafter(nearest, kInf)) - static_cast<double>(nearest);
  return std::abs(static_cast<double>(actual) - exact) / ulp;
}

TEST(VectorMath, ExpIsWithinOneUlp) {
  double worst = 0;
  for (float x = -86.5f; x <= 88.7f; x += 0.00137f) {
    worst = std::max(worst, UlpsOff(Math::Exp1(x), std::exp(static_cast<double>(x))));
  }
  EXPECT_LT(worst, 1.0);
}

TEST(VectorMath, ExpSaturatesAndKeepsNan) {
  EXPECT_EQ(Math::Exp1(0.0f), 1.0f);
  EXPECT_EQ(Math::Exp1(-0.0f), 1.0f);
  EXPECT_EQ(Math::Exp1(-kInf), 0.0f);
  EXPECT_EQ(Math::Exp1(-1e30f), 0.0f);
  EXPECT_EQ(Math::Exp1(-87.5f), 0.0f);
  EXPECT_EQ(Math::Exp1(89.0f), kInf);
  EXPECT_EQ(Math::Exp1(1e30f), kInf);
  EXPECT_EQ(Math::Exp1(kInf), kInf);
  EXPECT_TRUE(std::isnan(Math::Exp1(kNan)));
  EXPECT_NEAR(Math::Exp1(88.7f) / 3.3e38f, std::exp(88.7) / 3.3e38, 1e-5);
}

TEST(VectorMath, TanhIsNear) {
  for (float x = -12; x <= 12; x += 0.0031f) {
    const auto lanes = Math::Tanh(isa_scalar::Simd::Set1(x));
    ASSERT_NEAR(lanes.v[0], std::tanh(static_cast<double>(x)), 2e-7) << x;
  }
}

TEST(RmsNorm, MatchesDoubleOnEveryIsa) {
  for (const uint32_t n : Sizes()) {
    const Floats x = RandomFloats(n, n, 3.0f);
    const Floats weight = RandomFloats(n, n + 1);
    double squares = 0;
    for (const float v : x) squares += static_cast<double>(v) * static_cast<double>(v);
    const double scale = 1 / std::sqrt(squares / n + 1e-5);
    Floats expected = Guarded(n);
    Scalar().rms_norm(x.data(), weight.data(), n, 1e-5f, expected.data());
    for (uint32_t i = 0; i < n; ++i) {
      const double exact = static_cast<double>(x[i]) * scale * static_cast<double>(weight[i]);
      ASSERT_NEAR(expected[i], exact, 1e-6 * (1 + std::abs(exact))) << n;
    }
    for (const Kernels* kernels : RunnableKernels()) {
      Floats out = Guarded(n);
      kernels->rms_norm(x.data(), weight.data(), n, 1e-5f, out.data());
      ASSERT_TRUE(SameBits(out, expected)) << kernels->name << " " << n;
      Floats in_place = x;
      in_place.resize(n + kGuard, 12345.0f);
      kernels->rms_norm(in_place.data(), weight.data(), n, 1e-5f, in_place.data());
      ASSERT_TRUE(SameBits(in_place, expected)) << kernels->name << " in place " << n;
    }
  }
}

TEST(RmsNorm, KeepsZerosAndNan) {
  for (const Kernels* kernels : RunnableKernels()) {
    const Floats weight(20, 1.0f);
    Floats x(20, 0.0f);
    kernels->rms_norm(x.data(), weight.data(), 20, 1e-5f, x.data());
    EXPECT_TRUE(SameBits(x, Floats(20, 0.0f)));
    x[17] = kNan;
    kernels->rms_norm(x.data(), weight.data(), 20, 1e-5f, x.data());
    EXPECT_TRUE(SameBits(x, Floats(20, kNan)));
  }
}

TEST(Rope, RotatesPairsOnEveryIsa) {
  for (const uint32_t dims : {2u, 4u, 6u, 16u, 20u, 32u, 64u, 80u, 128u, 256u}) {
    for (const bool paired : {true, false}) {
      const uint32_t head_dim = dims + 6;  // the rest of the head is not rotated
      const Floats head = RandomFloats(head_dim, dims);
      const Floats angles = RandomFloats(dims / 2, dims + 1, 2.0f);
      Floats cos_sin;
      for (const float angle : angles) {
        cos_sin.push_back(std::cos(angle));
        cos_sin.push_back(std::sin(angle));
      }
      Floats expected = head;
      Scalar().rope(expected.data(), dims, cos_sin.data(), paired);
      for (uint32_t i = 0; i < dims / 2; ++i) {
        const uint32_t first = paired ? 2 * i : i;
        const uint32_t second = paired ? 2 * i + 1 : i + dims / 2;
        const double c = std::cos(static_cast<double>(angles[i]));
        const double s = std::sin(static_cast<double>(angles[i]));
        const auto a = static_cast<double>(head[first]);
        const auto b = static_cast<double>(head[second]);
        ASSERT_NEAR(expected[first], a * c - b * s, 1e-6);
        ASSERT_NEAR(expected[second], a * s + b * c, 1e-6);
      }
      for (uint32_t i = dims; i < head_dim; ++i) ASSERT_EQ(expected[i], head[i]);
      for (const Kernels* kernels : RunnableKernels()) {
        Floats out = head;
        kernels->rope(out.data(), dims, cos_sin.data(), paired);
        ASSERT_TRUE(SameBits(out, expected)) << kernels->name << " " << dims;
      }
    }
  }
}

TEST(SiluMul, MatchesDoubleOnEveryIsa) {
  for (const uint32_t n : Sizes()) {
    const Floats gate = RandomFloats(n, n, 8.0f);
    const Floats up = RandomFloats(n, n + 1);
    Floats expected = Guarded(n);
    Scalar().silu_mul(gate.data(), up.data(), n, expected.data());
    for (uint32_t i = 0; i < n; ++i) {
      const auto g = static_cast<double>(gate[i]);
      const double exact = g / (1 + std::exp(-g)) * static_cast<double>(up[i]);
      ASSERT_NEAR(expected[i], exact, 4e-7 * std::abs(exact));
    }
    for (const Kernels* kernels : RunnableKernels()) {
      Floats out = Guarded(n);
      kernels->silu_mul(gate.data(), up.data(), n, out.data());
      ASSERT_TRUE(SameBits(out, expected)) << kernels->name << " " << n;
      ASSERT_TRUE(GuardIntact(out));
    }
  }
}

TEST(SiluMul, SaturatesAndKeepsNan) {
  const Floats gate = {0.0f, -0.0f, 200.0f, -200.0f, kInf, kNan, 1e-40f, -88.8f, 3e38f};
  const Floats up(gate.size(), 1.0f);
  for (const Kernels* kernels : RunnableKernels()) {
    Floats out(gate.size());
    kernels->silu_mul(gate.data(), up.data(), static_cast<uint32_t>(gate.size()), out.data());
    EXPECT_EQ(out[0], 0.0f);
    EXPECT_EQ(out[1], 0.0f);
    EXPECT_EQ(out[2], 200.0f);
    EXPECT_EQ(out[3], 0.0f);
    EXPECT_EQ(out[4], kInf);
    EXPECT_TRUE(std::isnan(out[5]));
    EXPECT_NEAR(out[6], 0.0f, 1e-40);
    EXPECT_NEAR(out[7], 0.0f, 1e-30);
    EXPECT_EQ(out[8], 3e38f);
  }
}

TEST(Add, AddsOnEveryIsa) {
  for (const uint32_t n : Sizes()) {
    const Floats x = RandomFloats(n, n);
    const Floats y = RandomFloats(n, n + 1);
    for (const Kernels* kernels : RunnableKernels()) {
      Floats sum = Guarded(n);
      std::copy(x.begin(), x.end(), sum.begin());
      kernels->add(y.data(), n, sum.data());
      for (uint32_t i = 0; i < n; ++i) ASSERT_EQ(sum[i], x[i] + y[i]);
      ASSERT_TRUE(GuardIntact(sum));
    }
  }
}

}  // namespace
}  // namespace ledge
