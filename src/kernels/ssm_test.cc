// A state space layer's steps: against double, between instruction sets, and cut into pieces.
#include <gtest/gtest.h>

#include <cmath>

#include "kernels/kernels.h"
#include "testing/float_bits.h"

namespace ledge {
namespace {

using ::ledge::testing::RandomFloats;
using ::ledge::testing::SameBits;
using Floats = std::vector<float>;

double SiluOf(double x) { return x / (1 + std::exp(-x)); }

TEST(Convolve, IsNearDoubleOnEveryIsa) {
  constexpr uint32_t kTaps = 4;
  for (const uint32_t channels : {1U, 7U, 16U, 33U, 100U}) {
    const Floats weights = RandomFloats(kTaps * channels, channels, 1.0F);
    const Floats bias = RandomFloats(channels, channels + 1, 1.0F);
    const Floats rows = RandomFloats(kTaps * channels, channels + 2, 2.0F);
    const float* taps[kTaps];
    for (uint32_t t = 0; t < kTaps; ++t) taps[t] = rows.data() + t * channels;
    const auto compute = [&](const Kernels& kernels, const float* with_bias) {
      Floats out(channels + 1, 12345.0F);
      kernels.convolve({taps, kTaps, weights.data(), channels, with_bias, channels, out.data()});
      return out;
    };
    for (const Kernels* kernels : RunnableKernels()) {
      for (const float* with_bias : {bias.data(), static_cast<const float*>(nullptr)}) {
        const Floats out = compute(*kernels, with_bias);
        EXPECT_TRUE(SameBits(out, compute(ReferenceOf(*kernels), with_bias))) << kernels->name;
        EXPECT_EQ(out[channels], 12345.0F);
        for (uint32_t i = 0; i < channels; ++i) {
          double sum = with_bias == nullptr ? 0 : double{bias[i]};
          for (uint32_t t = 0; t < kTaps; ++t)
            sum += double{weights[t * channels + i]} * double{taps[t][i]};
          EXPECT_NEAR(double{out[i]}, SiluOf(sum), 1e-5) << kernels->name << " at " << i;
        }
      }
    }
  }
}

// One head with its inputs; every array a little longer than it need be.
struct Head {
  static constexpr uint32_t kColumns = 11;
  static constexpr size_t kStride = 150;
  static constexpr size_t kGateStride = 70;

  Head(uint32_t c, uint32_t s)
      : channels(c),
        state(s),
        inputs(RandomFloats(kColumns * kStride, c, 1.0F)),
        gates(RandomFloats(kColumns * kGateStride, c + 1, 2.0F)) {
    for (uint32_t column = 0; column < kColumns; ++column) {
      float& dt = gates[column * kGateStride + 65];
      dt = std::abs(dt) * 0.3F;
    }
  }

  // The gates afterwards, and the state behind them; cut into tasks of `piece` columns.
  Floats Run(const Kernels& kernels, uint32_t piece) const {
    Floats gate = gates;
    Floats a(SsmHeadFloats(channels, state), 777.0F);
    Floats b = a;
    ScanTask task;
    task.channels = channels;
    task.state = state;
    task.stride = kStride;
    task.gate_stride = kGateStride;
    task.a = -0.7F;
    task.d = 0.4F;
    task.to = a.data();
    for (uint32_t column = 0; column < kColumns; column += piece) {
      task.columns = std::min(piece, kColumns - column);
      task.x = inputs.data() + column * kStride;
      task.b = task.x + 70;
      task.c = task.x + 110;
      task.gate = gate.data() + column * kGateStride;
      task.dt = task.gate + 65;
      kernels.scan(task);
      // To and fro between two places, as sequences do it.
      task.from = task.to;
      task.to = task.to == a.data() ? b.data() : a.data();
    }
    gate.insert(gate.end(), task.from, task.from + a.size());
    return gate;
  }

  std::vector<double> Exact() const {
    std::vector<double> out(gates.begin(), gates.end());
    std::vector<double> h(channels * state);
    for (uint32_t column = 0; column < kColumns; ++column) {
      const float* x = inputs.data() + column * kStride;
      double* gate = out.data() + column * kGateStride;
      const double dt = gate[65];
      for (uint32_t i = 0; i < channels; ++i) {
        double sum = 0.4 * double{x[i]};
        for (uint32_t n = 0; n < state; ++n) {
          double& value = h[i * state + n];
          value = value * std::exp(-0.7 * dt) + double{x[i]} * dt * double{x[70 + n]};
          sum += value * double{x[110 + n]};
        }
        gate[i] = SiluOf(gate[i]) * sum;
      }
    }
    return out;
  }

  uint32_t channels;
  uint32_t state;
  Floats inputs;
  Floats gates;
};

TEST(Scan, IsNearDoubleOnEveryIsa) {
  for (const uint32_t channels : {1U, 8U, 16U, 24U, 32U, 50U, 64U}) {
    for (const uint32_t state : {1U, 16U, 31U}) {
      const Head head(channels, state);
      const std::vector<double> exact = head.Exact();
      for (const Kernels* kernels : RunnableKernels()) {
        const Floats out = head.Run(*kernels, Head::kColumns);
        EXPECT_TRUE(SameBits(out, head.Run(ReferenceOf(*kernels), Head::kColumns)))
            << kernels->name << ", " << channels << " channels";
        for (size_t i = 0; i < exact.size(); ++i)
          ASSERT_NEAR(double{out[i]}, exact[i], 2e-5) << kernels->name << " at " << i;
      }
    }
  }
}

TEST(Scan, PiecesChangeNoBit) {
  const Head head(40, 19);
  for (const Kernels* kernels : RunnableKernels()) {
    const Floats whole = head.Run(*kernels, Head::kColumns);
    for (uint32_t piece = 1; piece < Head::kColumns; ++piece)
      EXPECT_TRUE(SameBits(whole, head.Run(*kernels, piece))) << kernels->name << ", " << piece;
  }
}

}  // namespace
}  // namespace ledge
