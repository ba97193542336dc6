// The operations between the matrix products, on one column; kernels.h says what each does.
//
#pragma once

#include <cstdint>

#include "kernels/nonlinearity.h"
#include "kernels/vector_math.h"

namespace ledge {

template <typename I>
struct VectorOps {
  using F32 = typename I::F32;
  using Math = VectorMath<I>;

  // Calls f(offset, lanes) for each vector of `count` values; `lanes` < kLanes only for the last.
  template <typename F>
  static void ForEachVector(uint32_t count, F f) {
    constexpr uint32_t kLanes = I::kLanes;
    uint32_t i = 0;
    for (; i + kLanes <= count; i += kLanes) f(i, I::kLanes);
    if (i < count) f(i, static_cast<int>(count - i));
  }
  static F32 Load(const float* p, int lanes) {
    return lanes == I::kLanes ? I::LoadF32(p) : I::LoadF32Partial(p, lanes);
  }
  static void Store(float* p, F32 x, int lanes) {
    if (lanes == I::kLanes) {
      I::StoreF32(p, x);
    } else {
      I::StoreF32Partial(p, x, lanes);
    }
  }

  // In the 16 virtual lanes: zeros that fill up the last vectors change no bit.
  static float SumOfSquares(const float* x, uint32_t count) {
    F32 sums[I::kVectors];
    for (F32& sum : sums) sum = I::Zero();
    uint32_t i = 0;
    for (; i + 16 <= count; i += 16) {
      for (int v = 0; v < I::kVectors; ++v) {
        const F32 value = I::LoadF32(x + i + v * I::kLanes);
        sums[v] = I::Fma(value, value, sums[v]);
      }
    }
    ForEachVector(count - i, [&](uint32_t offset, int lanes) {
      const F32 value = Load(x + i + offset, lanes);
      F32& sum = sums[offset / static_cast<uint32_t>(I::kLanes)];
      sum = I::Fma(value, value, sum);
    });
    return I::ReduceAdd(sums);
  }

  static void RmsNorm(const float* x, const float* weight, uint32_t count, float epsilon,
                      float* out) {
    const float mean = SumOfSquares(x, count) / static_cast<float>(count);
    const F32 scale = I::Div(I::Set1(1.0f), I::Sqrt(I::Set1(mean + epsilon)));
    ForEachVector(count, [&](uint32_t i, int lanes) {
      Store(out + i, I::Mul(I::Mul(Load(x + i, lanes), scale), Load(weight + i, lanes)), lanes);
    });
  }

  // In the 16 virtual lanes, as SumOfSquares.
  static float Sum(const float* x, uint32_t count) {
    F32 sums[I::kVectors];
    for (F32& sum : sums) sum = I::Zero();
    for (uint32_t i = 0; i < count; i += 16) {
      const uint32_t left = count - i < 16 ? count - i : 16;
      ForEachVector(left, [&](uint32_t offset, int lanes) {
        F32& sum = sums[offset / static_cast<uint32_t>(I::kLanes)];
        sum = I::Add(sum, Load(x + i + offset, lanes));
      });
    }
    return I::ReduceAdd(sums);
  }

  static void LayerNorm(const float* x, const float* weight, const float* bias, uint32_t count,
                        float epsilon, float* out) {
    const auto size = static_cast<float>(count);
    const F32 mean = I::Set1(Sum(x, count) / size);
    ForEachVector(count, [&](uint32_t i, int lanes) {
      Store(out + i, I::Sub(Load(x + i, lanes), mean), lanes);
    });
    const float variance = SumOfSquares(out, count) / size;
    const F32 scale = I::Div(I::Set1(1.0f), I::Sqrt(I::Set1(variance + epsilon)));
    ForEachVector(count, [&](uint32_t i, int lanes) {
      const F32 normed = I::Mul(I::Mul(Load(out + i, lanes), scale), Load(weight + i, lanes));
      Store(out + i, bias == nullptr ? normed : I::Add(normed, Load(bias + i, lanes)), lanes);
    });
  }

  static void Rope(float* __restrict head, uint32_t rotary_dims, const float* __restrict cos_sin,
                   bool paired) {
    const uint32_t pairs = rotary_dims / 2;
    if (paired) {
      for (uint32_t i = 0; i < pairs; ++i) Rotate(head[2 * i], head[2 * i + 1], cos_sin + 2 * i);
    } else {
      for (uint32_t i = 0; i < pairs; ++i) Rotate(head[i], head[i + pairs], cos_sin + 2 * i);
    }
  }

  // The fused operation is written out because g++ 12 forms one here (vfmaddsub) where it
  // vectorises, even with contraction off.
  static void Rotate(float& first, float& second, const float* __restrict cos_sin) {
    const float a = first;
    const float b = second;
    first = I::Fma(a, cos_sin[0], -(b * cos_sin[1]));
    second = I::Fma(a, cos_sin[1], b * cos_sin[0]);
  }

  // The switch is outside of the loop.
  template <typename F>
  static void WithFunction(Nonlinearity f, F apply) {
    switch (f) {
      case Nonlinearity::kSilu:
        return apply([](F32 x) { return Math::Silu(x); });
      case Nonlinearity::kGelu:
        return apply([](F32 x) { return Math::Gelu(x); });
      case Nonlinearity::kGeluTanh:
        return apply([](F32 x) { return Math::GeluTanh(x); });
      case Nonlinearity::kRelu:
        return apply([](F32 x) { return Math::Relu(x); });
      case Nonlinearity::kReluSquared:
        return apply([](F32 x) { return I::Mul(Math::Relu(x), Math::Relu(x)); });
      case Nonlinearity::kSigmoid:
      case Nonlinearity::kSwigluClamped:
        return apply([](F32 x) { return Math::Sigmoid(x); });
      case Nonlinearity::kSoftplus:
        return apply([](F32 x) { return Math::Softplus(x); });
    }
  }

  static void Gate(Nonlinearity f, const float* gate, const float* up, uint32_t count, float* out) {
    if (f == Nonlinearity::kSwigluClamped) {
      ForEachVector(count, [&](uint32_t i, int lanes) {
        Store(out + i, Math::SwigluClamped(Load(gate + i, lanes), Load(up + i, lanes)), lanes);
      });
      return;
    }
    WithFunction(f, [&](auto function) {
      ForEachVector(count, [&](uint32_t i, int lanes) {
        Store(out + i, I::Mul(function(Load(gate + i, lanes)), Load(up + i, lanes)), lanes);
      });
    });
  }

  static void Activate(Nonlinearity f, uint32_t count, float* x) {
    WithFunction(f, [&](auto function) {
      ForEachVector(
          count, [&](uint32_t i, int lanes) { Store(x + i, function(Load(x + i, lanes)), lanes); });
    });
  }

  static void AddScaled(float factor, const float* y, uint32_t count, float* x) {
    const F32 by = I::Set1(factor);
    ForEachVector(count, [&](uint32_t i, int lanes) {
      Store(x + i, I::Fma(by, Load(y + i, lanes), Load(x + i, lanes)), lanes);
    });
  }

  static void Scale(float factor, uint32_t count, float* x) {
    const F32 by = I::Set1(factor);
    ForEachVector(
        count, [&](uint32_t i, int lanes) { Store(x + i, I::Mul(Load(x + i, lanes), by), lanes); });
  }

  static void SoftCap(float cap, uint32_t count, float* x) {
    const F32 most = I::Set1(cap);
    ForEachVector(count, [&](uint32_t i, int lanes) {
      Store(x + i, I::Mul(most, Math::Tanh(I::Div(Load(x + i, lanes), most))), lanes);
    });
  }

  static void Softmax(uint32_t count, float* x) {
    float max = x[0];
    for (uint32_t i = 1; i < count; ++i) max = max < x[i] ? x[i] : max;
    const F32 top = I::Set1(max);
    ForEachVector(count, [&](uint32_t i, int lanes) {
      Store(x + i, Math::Exp(I::Sub(Load(x + i, lanes), top)), lanes);
    });
    float sum = 0;
    for (uint32_t i = 0; i < count; ++i) sum = sum + x[i];
    const F32 divisor = I::Set1(sum);
    ForEachVector(count, [&](uint32_t i, int lanes) {
      Store(x + i, I::Div(Load(x + i, lanes), divisor), lanes);
    });
  }

  static void Add(const float* y, uint32_t count, float* x) {
    ForEachVector(count, [&](uint32_t i, int lanes) {
      Store(x + i, I::Add(Load(x + i, lanes), Load(y + i, lanes)), lanes);
    });
  }
};

}  // namespace ledge
