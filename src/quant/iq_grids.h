// The lattices that the types IQ1, IQ2 and IQ3 choose their vectors from: part of these formats, as
// ggml defines them. scripts/make-quant-data writes iq_grids.cc.
//
// A point is 16 bits: 8 coordinates of 2 bits, or 4 of 3 bits (IQ3), the first lowest. Coordinate c
// means c - 1 in IQ1, {8, 25, 43}[c] in IQ2, 4 + 8 c in IQ3_XXS (62 for 7) and 1 + 2 c in IQ3_S.
#pragma once

#include <array>
#include <cstdint>

namespace ledge {

extern const std::array<uint16_t, 2048> kIq1Grid;  // IQ1_S and IQ1_M
extern const std::array<uint16_t, 256> kIq2XxsGrid;
extern const std::array<uint16_t, 512> kIq2XsGrid;
extern const std::array<uint16_t, 1024> kIq2SGrid;
extern const std::array<uint16_t, 256> kIq3XxsGrid;
extern const std::array<uint16_t, 512> kIq3SGrid;

// 8 signs of 7 stored ones: the eighth makes their number even.
inline uint8_t EvenSigns(uint32_t seven) {
  uint32_t parity = seven ^ seven >> 4;
  parity ^= parity >> 2;
  parity ^= parity >> 1;
  return static_cast<uint8_t>(seven | (parity & 1U) << 7);
}

}  // namespace ledge
