// Random weights straight in their block format, without a detour over floats.
#pragma once

#include <cstddef>
#include <random>
#include <span>

#include "gguf/tensor_type.h"

namespace ledge {

// The standard defines its every output, unlike those of the standard distributions.
using RandomBits = std::mt19937_64;

// Fills whole blocks with weights of mean about 0 and standard deviation about `deviation`; all
// scales are finite. `type` is one that has a codec.
void FillRandomBlocks(TensorType type, float deviation, RandomBits& random,
                      std::span<std::byte> blocks);

}  // namespace ledge
