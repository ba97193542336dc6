// Where a vector of rows finds its part of a panel group.
//
// A panel's pieces (layout/pieces.h) are 16 rows side by side; an ISA with fewer lanes works on a
// part of them. What depends on the ISA is only how far into a piece its rows begin.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/activation.h"
#include "kernels/inline.h"

namespace ledge {

template <typename S>
struct VectorRows {
  const std::byte* group;  // of the panel
  uint32_t first;          // row of the panel: a multiple of S::kLanes; 0 when a vector is a panel

  LEDGE_INLINE uint32_t First() const { return S::kLanes == 16 ? 0 : first; }
  // 4 bytes a row, 2 bytes a row, a byte a row; `offset` is the piece's, in bytes from the group's
  // start.
  LEDGE_INLINE const std::byte* Line(size_t offset) const { return group + offset + First() * 4; }
  LEDGE_INLINE const std::byte* Halves(size_t offset) const { return group + offset + First() * 2; }
  LEDGE_INLINE const std::byte* Bytes(size_t offset) const { return group + offset + First(); }
};

inline constexpr uint32_t kLineBytes = 64;
inline constexpr uint32_t kHalvesBytes = 32;
inline constexpr uint32_t kByteRowBytes = 16;

}  // namespace ledge
