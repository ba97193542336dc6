// Rows of tensors <-> floats, for every type with a codec (Info(type).can_decode), and the check
// that what a file holds is finite. All functions may be called from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"
#include "gguf/tensor_type.h"

namespace ledge {

// `values` floats out of RowBytes(type, values) bytes at any alignment. `type` must have a codec
// and `values` be a multiple of its block (the GGUF reader has checked the latter for every
// tensor).
void DecodeRow(TensorType type, const std::byte* row, size_t values, float* out);

// Whether EncodeRow can write a type.
bool CanEncode(TensorType type);
// The other way, rounding to nearest, for types that can be encoded. `in` must be finite; what is
// out of a scale's range saturates.
void EncodeRow(TensorType type, const float* in, size_t values, std::byte* row);

// kMalformed, naming `tensor` and the block (counted from `first_block` for data checked in
// pieces), if a weight or a block's scale is NaN or infinite. For every known type, with a codec or
// without. `blocks` is a whole number of blocks. Runs about as fast as memory is read.
Result<void> CheckFinite(TensorType type, std::span<const std::byte> blocks,
                         std::string_view tensor, uint64_t first_block = 0);

}  // namespace ledge
