// What a nibble of the table types stands for, before its scale. Source: ggml's format definition;
// OCP Microscaling Formats 1.0, 5.3.3 (E2M1, here doubled to be whole).
#pragma once

#include <array>
#include <cstdint>

namespace ledge {

inline constexpr std::array<int8_t, 16> kIq4Values = {-127, -104, -83, -65, -49, -35, -22, -10,
                                                      1,    13,   25,  38,  53,  69,  89,  113};
inline constexpr std::array<int8_t, 16> kMxfp4Values = {0, 1,  2,  3,  4,  6,  8,  12,
                                                        0, -1, -2, -3, -4, -6, -8, -12};

}  // namespace ledge
