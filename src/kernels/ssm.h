// The two steps of a state space layer; ssm_task.h says what they compute.
#pragma once

#include "kernels/ssm_task.h"
#include "kernels/vector_math.h"
#include "kernels/vector_ops.h"

namespace ledge {

template <typename I>
struct Ssm {
  using F32 = typename I::F32;
  using Ops = VectorOps<I>;
  using Math = VectorMath<I>;

  static void Convolve(const ConvolveTask& task) {
    Ops::ForEachVector(task.channels, [&](uint32_t i, int lanes) {
      F32 sum = task.bias == nullptr ? I::Zero() : Ops::Load(task.bias + i, lanes);
      for (uint32_t t = 0; t < task.tap_count; ++t) {
        sum = I::Fma(Ops::Load(task.weights + t * task.weight_stride + i, lanes),
                     Ops::Load(task.taps[t] + i, lanes), sum);
      }
      Ops::Store(task.out + i, Math::Silu(sum), lanes);
    });
  }

  static void Scan(const ScanTask& task) {
    // Two blocks at once hide how long a sum waits for its last addition, where the registers do.
    constexpr uint32_t kAtOnce = I::kVectors > 2 ? 1 : 2;
    const uint32_t blocks = (task.channels + kSsmBlock - 1) / kSsmBlock;
    uint32_t block = 0;
    for (; block + kAtOnce <= blocks; block += kAtOnce) ScanBlocks<kAtOnce>(task, block);
    if (block < blocks) ScanBlocks<1>(task, block);
  }

 private:
  // Lanes of the vector at channel `at` that are channels.
  static int Lanes(const ScanTask& task, uint32_t at) {
    constexpr uint32_t kLanes = I::kLanes;
    if (at >= task.channels) return 0;
    return task.channels - at < kLanes ? static_cast<int>(task.channels - at) : I::kLanes;
  }

  // A block stays in the nearest cache while all columns pass.
  template <uint32_t kBlocks>
  static void ScanBlocks(const ScanTask& task, uint32_t first) {
    constexpr int kVectors = static_cast<int>(kBlocks) * I::kVectors;
    const size_t block_floats = size_t{task.state} * kSsmBlock;
    float* const to = task.to + first * block_floats;
    const float* from = task.from == nullptr ? nullptr : task.from + first * block_floats;
    if (from == nullptr) {
      for (size_t i = 0; i < kBlocks * block_floats; ++i) to[i] = 0;
      from = to;
    }
    for (uint32_t column = 0; column < task.columns; ++column, from = to) {
      const size_t at = column * task.stride;
      const float dt = task.dt[column * task.gate_stride];
      const F32 decay = Math::Exp(I::Set1(dt * task.a));
      F32 x[kVectors], in[kVectors], sum[kVectors];
      for (int v = 0; v < kVectors; ++v) {
        const uint32_t channel = first * kSsmBlock + static_cast<uint32_t>(v * I::kLanes);
        x[v] = Ops::Load(task.x + at + channel, Lanes(task, channel));
        in[v] = I::Mul(x[v], I::Set1(dt));
        sum[v] = I::Zero();
      }
      for (uint32_t n = 0; n < task.state; ++n) {
        const F32 b = I::Set1(task.b[at + n]);
        const F32 c = I::Set1(task.c[at + n]);
        for (int v = 0; v < kVectors; ++v) {
          const size_t place = static_cast<size_t>(v / I::kVectors) * block_floats +
                               size_t{n} * kSsmBlock +
                               static_cast<size_t>(v % I::kVectors * I::kLanes);
          const F32 state = I::Fma(I::LoadF32(from + place), decay, I::Mul(in[v], b));
          I::StoreF32(to + place, state);
          sum[v] = I::Fma(state, c, sum[v]);
        }
      }
      float* const gate = task.gate + column * task.gate_stride;
      for (int v = 0; v < kVectors; ++v) {
        const uint32_t channel = first * kSsmBlock + static_cast<uint32_t>(v * I::kLanes);
        const int lanes = Lanes(task, channel);
        const F32 y = I::Fma(I::Set1(task.d), x[v], sum[v]);
        Ops::Store(gate + channel, I::Mul(Math::Silu(Ops::Load(gate + channel, lanes)), y), lanes);
      }
    }
  }
};

}  // namespace ledge
