#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/isa/scalar/simd.h"
#include "kernels/isa/unfused/simd.h"
#include "kernels/kernels.h"
#include "kernels/vector_math.h"
#include "testing/float_bits.h"

namespace ledge {
namespace {

using ::ledge::testing::RandomFloats;
using ::ledge::testing::SameBits;
using Floats = std::vector<float>;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// The results of the two references (kernels.h).
struct Expected {
  Floats fused, unfused;
  const Floats& For(const Kernels& kernels) const { return kernels.fused ? fused : unfused; }
};
// compute(reference) for each; check(result) has to hold for both.
template <typename Compute, typename Check>
Expected ExpectedOf(Compute compute, Check check) {
  Expected expected;
  for (const Kernels* kernels : RunnableKernels()) {
    Floats& result = kernels->fused ? expected.fused : expected.unfused;
    if (!result.empty()) continue;
    result = compute(ReferenceOf(*kernels));
    check(result);
  }
  return expected;
}

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

template <typename Simd>
double WorstUlpsOfExp() {
  double worst = 0;
  for (float x = -86.5f; x <= 88.7f; x += 0.00137f) {
    const float got = VectorMath<Simd>::Exp1(x);
    worst = std::max(worst, UlpsOff(got, std::exp(static_cast<double>(x))));
  }
  return worst;
}

TEST(VectorMath, ExpIsWithinOneUlp) { EXPECT_LT(WorstUlpsOfExp<isa_scalar::Simd>(), 1.0); }
TEST(VectorMath, ExpIsWithinTwoUlpsWithoutFusion) {
  EXPECT_LT(WorstUlpsOfExp<isa_unfused::Simd>(), 2.0);
}

template <typename Simd>
class VectorMathOf : public ::testing::Test {};
using References = ::testing::Types<isa_scalar::Simd, isa_unfused::Simd>;
TYPED_TEST_SUITE(VectorMathOf, References);

TYPED_TEST(VectorMathOf, ExpSaturatesAndKeepsNan) {
  using Math = VectorMath<TypeParam>;
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

TYPED_TEST(VectorMathOf, TanhIsNear) {
  for (float x = -12; x <= 12; x += 0.0031f) {
    const auto lanes = VectorMath<TypeParam>::Tanh(TypeParam::Set1(x));
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
    const Expected expected = ExpectedOf(
        [&](const Kernels& reference) {
          Floats out = Guarded(n);
          reference.rms_norm(x.data(), weight.data(), n, 1e-5f, out.data());
          return out;
        },
        [&](const Floats& out) {
          for (uint32_t i = 0; i < n; ++i) {
            const double exact = static_cast<double>(x[i]) * scale * static_cast<double>(weight[i]);
            ASSERT_NEAR(out[i], exact, 1e-6 * (1 + std::abs(exact))) << n;
          }
        });
    for (const Kernels* kernels : RunnableKernels()) {
      Floats out = Guarded(n);
      kernels->rms_norm(x.data(), weight.data(), n, 1e-5f, out.data());
      ASSERT_TRUE(SameBits(out, expected.For(*kernels))) << kernels->name << " " << n;
      Floats in_place = x;
      in_place.resize(n + kGuard, 12345.0f);
      kernels->rms_norm(in_place.data(), weight.data(), n, 1e-5f, in_place.data());
      ASSERT_TRUE(SameBits(in_place, expected.For(*kernels))) << kernels->name << " in place " << n;
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
      const auto compute = [&](const Kernels& reference) {
        Floats out = head;
        reference.rope(out.data(), dims, cos_sin.data(), paired);
        return out;
      };
      const Expected expected = ExpectedOf(compute, [&](const Floats& out) {
        for (uint32_t i = 0; i < dims / 2; ++i) {
          const uint32_t first = paired ? 2 * i : i;
          const uint32_t second = paired ? 2 * i + 1 : i + dims / 2;
          const double c = std::cos(static_cast<double>(angles[i]));
          const double s = std::sin(static_cast<double>(angles[i]));
          const auto a = static_cast<double>(head[first]);
          const auto b = static_cast<double>(head[second]);
          ASSERT_NEAR(out[first], a * c - b * s, 1e-6);
          ASSERT_NEAR(out[second], a * s + b * c, 1e-6);
        }
        for (uint32_t i = dims; i < head_dim; ++i) ASSERT_EQ(out[i], head[i]);
      });
      for (const Kernels* kernels : RunnableKernels()) {
        Floats out = head;
        kernels->rope(out.data(), dims, cos_sin.data(), paired);
        ASSERT_TRUE(SameBits(out, expected.For(*kernels))) << kernels->name << " " << dims;
      }
    }
  }
}

TEST(SiluMul, MatchesDoubleOnEveryIsa) {
  for (const uint32_t n : Sizes()) {
    const Floats gate = RandomFloats(n, n, 8.0f);
    const Floats up = RandomFloats(n, n + 1);
    const auto compute = [&](const Kernels& reference) {
      Floats out = Guarded(n);
      reference.gate(Nonlinearity::kSilu, gate.data(), up.data(), n, out.data());
      return out;
    };
    const Expected expected = ExpectedOf(compute, [&](const Floats& out) {
      for (uint32_t i = 0; i < n; ++i) {
        const auto g = static_cast<double>(gate[i]);
        const double exact = g / (1 + std::exp(-g)) * static_cast<double>(up[i]);
        ASSERT_NEAR(out[i], exact, 4e-7 * std::abs(exact));
      }
    });
    for (const Kernels* kernels : RunnableKernels()) {
      Floats out = Guarded(n);
      kernels->gate(Nonlinearity::kSilu, gate.data(), up.data(), n, out.data());
      ASSERT_TRUE(SameBits(out, expected.For(*kernels))) << kernels->name << " " << n;
      ASSERT_TRUE(GuardIntact(out));
    }
  }
}

TEST(SiluMul, SaturatesAndKeepsNan) {
  const Floats gate = {0.0f, -0.0f, 200.0f, -200.0f, kInf, kNan, 1e-40f, -88.8f, 3e38f};
  const Floats up(gate.size(), 1.0f);
  for (const Kernels* kernels : RunnableKernels()) {
    Floats out(gate.size());
    kernels->gate(Nonlinearity::kSilu, gate.data(), up.data(), static_cast<uint32_t>(gate.size()),
                  out.data());
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
