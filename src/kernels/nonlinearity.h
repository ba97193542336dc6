// The functions that stand between the two products of a feed-forward block.
#pragma once

#include <cstdint>

namespace ledge {

enum class Nonlinearity : uint8_t {
  kSilu,         // x / (1 + e^-x)
  kGelu,         // x / 2 (1 + erf(x / sqrt 2)), erf with an absolute error below 5e-7
  kGeluTanh,     // the same with erf by tanh: x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))
  kRelu,         // max(x, 0); NaN stays
  kReluSquared,  // max(x, 0)^2
  kSigmoid,      // 1 / (1 + e^-x)
  kSoftplus,     // ln(1 + e^x)
  // Only as a gate: min(g, 7) / (1 + e^(-1.702 min(g, 7))) * (clamp(u, -7, 7) + 1), gpt-oss's.
  kSwigluClamped,
};

}  // namespace ledge
