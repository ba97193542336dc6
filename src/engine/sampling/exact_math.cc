#include "engine/sampling/exact_math.h"

#include <cmath>

namespace ledge {
namespace {

constexpr double kLn2High =
    0x1.62e42fee00000p-1;  // its low bits are zero, so n * kLn2High is exact
constexpr double kLn2Low = 0x1.a39ef35793c76p-33;
constexpr double kSmallest = -708.0;

}  // namespace

double ExactExp(double x) {
  if (!(x > kSmallest)) return 0;
  // x = n ln 2 + r with |r| <= ln 2 / 2; then the Taylor series of exp(r), whose 15th term is below
  // 1e-18.
  const double n = std::floor(x * (1 / (kLn2High + kLn2Low)) + 0.5);
  const double r = (x - n * kLn2High) - n * kLn2Low;
  double sum = 1;
  for (int i = 15; i > 0; --i) sum = 1 + sum * r / i;
  return std::ldexp(sum, static_cast<int>(n));
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

}  // namespace ledge
