// One call of a matrix product, as it travels from the executor to an instruction set's code.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/activation.h"
#include "kernels/panel.h"

namespace ledge {

// From so many columns on, weights are unpacked once for all of them where that pays (matmul.h): a
// task gains from several panels then, and from activations that stay in a cache.
inline constexpr uint32_t kUnpackColumns = 29;

// y[m * y_stride + row] = sum over k of w[row][k] * x[m][k], for the rows of panels [panel_begin,
// panel_end) and columns [0, columns). Rows past w.rows are not written.
struct MatmulTask {
  PanelMatrix w;
  uint32_t panel_begin = 0;
  uint32_t panel_end = 0;
  Activations x;
  uint32_t columns = 0;
  float* y = nullptr;
  size_t y_stride = 0;  // in floats
  // The panels that the caller's next product begins with, or null. Only a hint to fetch them
  // early.
  const std::byte* next = nullptr;
  // Whether anything is fetched early at all; false for measuring what that brings.
  bool prefetch = true;
};

}  // namespace ledge
