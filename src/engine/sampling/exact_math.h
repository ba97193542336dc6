// exp and log out of nothing but sums and products, so that they give the same bits on every
// machine and with every C library (which may use fused multiply-add where the CPU has it). Error
// below 1e-14 relative.
#pragma once

namespace ledge {

// For x <= 0; 0 for what is too small for a normal number.
double ExactExp(double x);
// For finite x > 0.
double ExactLog(double x);

}  // namespace ledge
