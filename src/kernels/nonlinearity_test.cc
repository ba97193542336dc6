// The functions between the products, against double and between instruction sets.
#include "kernels/nonlinearity.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>

#include "kernels/kernels.h"
#include "testing/float_bits.h"

namespace ledge {
namespace {

using ::ledge::testing::RandomFloats;
using ::ledge::testing::SameBits;
using Floats = std::vector<float>;
using Function = std::function<double(double)>;

double Sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

struct Case {
  Nonlinearity f;
  Function exact;
};

std::vector<Case> Cases() {
  return {
      {Nonlinearity::kSilu, [](double x) { return x * Sigmoid(x); }},
      {Nonlinearity::kGelu, [](double x) { return x / 2 * (1 + std::erf(x / std::sqrt(2.0))); }},
      {Nonlinearity::kGeluTanh,
       [](double x) {
         return x / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
       }},
      {Nonlinearity::kRelu, [](double x) { return std::max(x, 0.0); }},
      {Nonlinearity::kReluSquared, [](double x) { return std::max(x, 0.0) * std::max(x, 0.0); }},
      {Nonlinearity::kSigmoid, Sigmoid},
      {Nonlinearity::kSoftplus, [](double x) { return std::log1p(std::exp(x)); }},
  };
}

// What every instruction set gives must be the bits of its reference, and near `exact`.
void ExpectNear(const std::function<Floats(const Kernels&)>& compute,
                const std::function<double(uint32_t)>& exact, double tolerance) {
  for (const Kernels* kernels : RunnableKernels()) {
    const Floats out = compute(*kernels);
    ASSERT_TRUE(SameBits(out, compute(ReferenceOf(*kernels)))) << kernels->name;
    for (uint32_t i = 0; i < out.size(); ++i) {
      ASSERT_NEAR(static_cast<double>(out[i]), exact(i),
                  tolerance * std::max(1.0, std::abs(exact(i))))
          << kernels->name << " at " << i;
    }
  }
}

TEST(Nonlinearity, IsNearDoubleOnEveryIsa) {
  for (const uint32_t n : {1U, 3U, 15U, 16U, 17U, 33U, 1000U}) {
    const Floats x = RandomFloats(n, n, 6.0F);
    const Floats up = RandomFloats(n, n + 1, 2.0F);
    for (const Case& c : Cases()) {
      ExpectNear(
          [&](const Kernels& kernels) {
            Floats out = x;
            kernels.activate(c.f, n, out.data());
            return out;
          },
          [&](uint32_t i) { return c.exact(static_cast<double>(x[i])); }, 1e-5);
      ExpectNear(
          [&](const Kernels& kernels) {
            Floats out(n);
            kernels.gate(c.f, x.data(), up.data(), n, out.data());
            return out;
          },
          [&](uint32_t i) {
            return c.exact(static_cast<double>(x[i])) * static_cast<double>(up[i]);
          },
          3e-5);
    }
  }
}

TEST(Nonlinearity, GeluIsWithinItsBound) {
  for (float x = -8; x < 8; x += 0.00731F) {
    float out = x;
    RunnableKernels()[0]->activate(Nonlinearity::kGelu, 1, &out);
    const double exact = x / 2 * (1 + std::erf(static_cast<double>(x) / std::sqrt(2.0)));
    ASSERT_NEAR(static_cast<double>(out), exact, 5e-7 * std::max(1.0F, std::fabs(x))) << x;
  }
}

TEST(Nonlinearity, SoftplusIsWithinItsBound) {
  for (float x = -80; x < 80; x += 0.00731F) {
    float out = x;
    RunnableKernels()[0]->activate(Nonlinearity::kSoftplus, 1, &out);
    const double exact = std::log1p(std::exp(static_cast<double>(x)));
    ASSERT_NEAR(static_cast<double>(out) / exact, 1, 3e-7) << x;
  }
}

TEST(Nonlinearity, TheClampedGateClamps) {
  const Floats gate = {1, 8, 100, -100, 0.5F};
  const Floats up = {1, 9, -9, 0.5F, 2};
  ExpectNear(
      [&](const Kernels& kernels) {
        Floats out(gate.size());
        kernels.gate(Nonlinearity::kSwigluClamped, gate.data(), up.data(),
                     static_cast<uint32_t>(gate.size()), out.data());
        return out;
      },
      [&](uint32_t i) {
        const double g = std::min(static_cast<double>(gate[i]), 7.0);
        const double u = std::clamp(static_cast<double>(up[i]), -7.0, 7.0);
        return g * Sigmoid(1.702 * g) * (u + 1);
      },
      1e-4);
}

TEST(Nonlinearity, KeepsNan) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  for (const Kernels* kernels : RunnableKernels()) {
    for (const Case& c : Cases()) {
      float x = kNan;
      kernels->activate(c.f, 1, &x);
      EXPECT_TRUE(std::isnan(x)) << kernels->name;
    }
  }
}

TEST(LayerNorm, MatchesDoubleOnEveryIsa) {
  for (const uint32_t n : {1U, 15U, 16U, 17U, 64U, 100U, 1000U}) {
    const Floats x = RandomFloats(n, n, 3.0F);
    const Floats weight = RandomFloats(n, n + 1);
    const Floats bias = RandomFloats(n, n + 2);
    double mean = 0;
    for (const float v : x) mean += static_cast<double>(v) / n;
    double variance = 0;
    for (const float v : x) variance += std::pow(static_cast<double>(v) - mean, 2) / n;
    for (const float* b : {bias.data(), static_cast<const float*>(nullptr)}) {
      ExpectNear(
          [&](const Kernels& kernels) {
            Floats out(n);
            kernels.layer_norm(x.data(), weight.data(), b, n, 1e-5F, out.data());
            return out;
          },
          [&](uint32_t i) {
            const double normed = (static_cast<double>(x[i]) - mean) / std::sqrt(variance + 1e-5);
            return normed * static_cast<double>(weight[i]) +
                   (b == nullptr ? 0.0 : static_cast<double>(b[i]));
          },
          1e-5);
    }
  }
}

TEST(Softmax, SumsToOneOnEveryIsa) {
  for (const uint32_t n : {1U, 4U, 17U, 128U}) {
    const Floats x = RandomFloats(n, n, 5.0F);
    double sum = 0;
    for (const float v : x) sum += std::exp(static_cast<double>(v));
    ExpectNear(
        [&](const Kernels& kernels) {
          Floats out = x;
          kernels.softmax(n, out.data());
          return out;
        },
        [&](uint32_t i) { return std::exp(static_cast<double>(x[i])) / sum; }, 1e-6);
  }
}

TEST(SoftCap, AddScaledAndScaleAreTheSameOnEveryIsa) {
  const uint32_t n = 37;
  const Floats x = RandomFloats(n, 1, 9.0F);
  const Floats y = RandomFloats(n, 2);
  ExpectNear(
      [&](const Kernels& kernels) {
        Floats out = x;
        kernels.soft_cap(5, n, out.data());
        kernels.scale(0.5F, n, out.data());
        kernels.add_scaled(0.25F, y.data(), n, out.data());
        return out;
      },
      [&](uint32_t i) {
        return 2.5 * std::tanh(static_cast<double>(x[i]) / 5) + 0.25 * static_cast<double>(y[i]);
      },
      3e-6);
}

}  // namespace
}  // namespace ledge
