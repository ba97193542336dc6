// Types without a micro-kernel of their own: a panel group is decoded to floats, which the float
// micro-kernel multiplies.
#pragma once

#include <cstddef>
#include <cstdint>

#include "gguf/tensor_type.h"

namespace ledge {

// `values` (at most 256) of 16 rows, out of a group in layout/whole_blocks.cc's order, as quant's
// DecodeRow has them: out[16 * k + row].
void DecodeGroup(TensorType type, const std::byte* group, uint32_t values, float* out);

}  // namespace ledge
