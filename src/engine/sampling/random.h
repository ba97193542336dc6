// Random numbers that are the same on every machine; the standard library's distributions are not.
// Source: M. E. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good
// Algorithms for Random Number Generation" (2014), PCG-XSH-RR 64/32; its state is spread from the
// seed by SplitMix64 (Steele, Lea, Flood 2014).
#pragma once

#include <cstdint>

namespace ledge {

class Random {
 public:
  explicit Random(uint64_t seed) {
    state_ = SplitMix(seed);
    increment_ = SplitMix(seed) | 1;
  }

  uint32_t Next32() {
    const uint64_t old = state_;
    state_ = old * 6364136223846793005u + increment_;
    const auto shifted = static_cast<uint32_t>(((old >> 18) ^ old) >> 27);
    const auto rotation = static_cast<uint32_t>(old >> 59);
    return (shifted >> rotation) | (shifted << ((32 - rotation) & 31));
  }

  // Uniform in [0, 1), 53 bits.
  double NextUnit() {
    const uint64_t high = Next32() >> 5;
    const uint64_t low = Next32() >> 6;
    return static_cast<double>((high << 26) | low) * 0x1p-53;
  }

 private:
  static uint64_t SplitMix(uint64_t& state) {
    uint64_t z = (state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }

  uint64_t state_ = 0;
  uint64_t increment_ = 1;
};

}  // namespace ledge
