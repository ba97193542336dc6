// Where each block format keeps what must be finite, whether or not there is a codec for it.
#pragma once

#include <cstddef>

#include "gguf/tensor_type.h"

namespace ledge {

// The first of `count` blocks that holds a NaN or infinite weight or scale; `count` if all are
// finite.
using FindNotFinite = size_t (*)(const std::byte* blocks, size_t count);

// nullptr for integers, which have nothing to check.
FindNotFinite FinitenessOf(TensorType type);

}  // namespace ledge
