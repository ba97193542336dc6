// The first four bytes of a GGUF file, "GGUF", as a little-endian number.
#pragma once

#include <cstdint>

namespace ledge {

inline constexpr uint32_t kGgufMagic = 0x46554747;

}  // namespace ledge
