// exp and log out of nothing but sums and products, so that they give the same bits on every
// machine and with every C library (which may use fused multiply-add where the CPU has it). Error
// below 1e-14 relative.
#pragma once

#include <cstddef>
#include <span>

namespace ledge {

// For x <= 0; 0 for what is too small for a normal number.
double ExactExp(double x);
// For finite x > 0.
double ExactLog(double x);

// exp((x - highest) * scale) of each x into `out`, which is as long; `highest` is the largest of
// them and finite, `scale` positive. Error below 3e-7 relative; 0 for what is below 1e-37. Loops
// that compilers turn into vector instructions, element by element the same on every machine.
void ExpsOf(std::span<const float> x, float highest, float scale, std::span<float> out);
double SumOf(std::span<const float> values);

}  // namespace ledge
