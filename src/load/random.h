// Random numbers that are the same for a seed on every machine (the standard library's
// distributions are not): SplitMix64, Steele et al., "Fast Splittable Pseudorandom Number
// Generators" (OOPSLA 2014).
#pragma once

#include <cmath>
#include <cstdint>

namespace ledge {

class LoadRandom {
 public:
  explicit LoadRandom(uint64_t seed) : state_(seed) {}

  // In [0, 1).
  double Uniform() { return static_cast<double>(Next() >> 11) * 0x1p-53; }
  // With mean 1: the gaps of a Poisson process of one arrival a unit of time.
  double Exponential() { return -std::log1p(-Uniform()); }

 private:
  uint64_t Next() {
    state_ += 0x9E3779B97F4A7C15;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
  uint64_t state_;
};

}  // namespace ledge
