// A packed matrix: the rows of a 2-D tensor in panels of 16, so that a SIMD lane is a row and a dot
// product needs no horizontal sum. A panel holds its 16 rows' whole width; panels follow one
// another. The last panel of a matrix is filled up with zero bytes.
//
// Within a panel the source's bytes are re-ordered, never re-encoded: the 16 rows' blocks of each
// 256 values of k (a row's last group may be shorter) become one panel group of as many bytes.
// layout/<type>.cc documents each order; every source byte is found again.
#pragma once

#include <cstddef>
#include <cstdint>

#include "gguf/tensor_type.h"

namespace ledge {

inline constexpr uint32_t kPanelRows = 16;

// One type's panel layout. All functions are pure and thread-safe; sizes were checked by the
// caller.
struct PanelLayout {
  TensorType type;
  uint32_t block_values;  // as gguf/tensor_type.h's Info(type)
  uint32_t block_bytes;
  // `rows`: `count` (1..16) rows of `cols` values in the source's blocks, `row_bytes` apart.
  void (*pack)(const std::byte* rows, uint64_t row_bytes, uint32_t count, uint32_t cols,
               std::byte* panel);
  // The exact inverse for the first `count` rows.
  void (*unpack)(const std::byte* panel, uint32_t count, uint32_t cols, uint64_t row_bytes,
                 std::byte* rows);
  // Row `row` (0..15) of a panel as floats: embedding look-ups. Exactly quant's DecodeRow of that
  // row.
  void (*decode_row)(const std::byte* panel, uint32_t row, uint32_t cols, float* out);
};

// Nothing for a type without a panel layout.
const PanelLayout* FindPanelLayout(TensorType type);

// Whether a product with these weights reads the activations as floats, not their quantised form:
// float types, and those that are decoded to floats first.
bool ReadsFloats(TensorType type);

// Bytes of one panel of `cols` columns (a multiple of the type's block); 0 for a type without a
// layout.
uint64_t PanelBytes(TensorType type, uint32_t cols);
constexpr uint32_t PanelCount(uint32_t rows) { return (rows + kPanelRows - 1) / kPanelRows; }

struct PanelMatrix {
  TensorType type = TensorType::kF32;
  uint32_t rows = 0;
  uint32_t cols = 0;
  const std::byte* data = nullptr;  // PanelCount(rows) panels, 64-byte aligned

  uint64_t panel_bytes() const { return PanelBytes(type, cols); }
};

}  // namespace ledge
