// Blocks of 32 4-bit floats with a common exponent, as checkpoints have them and as GGUF does.
//
// Checkpoints (transformers' Mxfp4 quantisation, as of gpt-oss) hold 16 bytes a block in one
// tensor, byte i with value 2i below and value 2i + 1 above, and the exponents in another. GGUF has
// the exponent in front and byte i with values i and i + 16. The codes mean the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ledge {

inline constexpr uint64_t kMxfp4BlockValues = 32;
inline constexpr uint64_t kMxfp4CodeBytes = 16;

// Appends GGUF's blocks. `codes`: kMxfp4CodeBytes a block; `scales`: a byte a block.
void AppendMxfp4(std::span<const std::byte> codes, std::span<const std::byte> scales,
                 std::vector<std::byte>& out);

}  // namespace ledge
