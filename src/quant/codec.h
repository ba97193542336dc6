// What every block format provides: a file a format or family, found through one table (codec.cc).
// A new format is its file, its line in the table, and `can_decode` in gguf/tensor_type.cc.
#pragma once

#include <cstddef>

#include "gguf/tensor_type.h"

namespace ledge {

struct Codec {
  TensorType type;
  // `count` blocks to count * block_values floats, bit for bit as the format defines it (one
  // rounding an operation, no fused multiply-add).
  void (*decode)(const std::byte* blocks, size_t count, float* values);
  // The other way, rounding to nearest: finite floats in, finite scales out. Does not search for
  // better scales; Q4_0, Q4_1 and Q8_0 give the same bits as ggml's reference. nullptr for a format
  // that is only read.
  void (*encode)(const float* values, size_t count, std::byte* blocks);
  // The first block that holds a NaN or infinite weight or scale; `count` if all are finite.
  size_t (*find_not_finite)(const std::byte* blocks, size_t count);
};

// nullptr exactly where Info(type).can_decode is false.
const Codec* FindCodec(TensorType type);

extern const Codec kF32Codec;
extern const Codec kF16Codec;
extern const Codec kBf16Codec;
extern const Codec kQ40Codec;
extern const Codec kQ41Codec;
extern const Codec kQ80Codec;
extern const Codec kQ4KCodec;
extern const Codec kQ6KCodec;
extern const Codec kQ50Codec;
extern const Codec kQ51Codec;
extern const Codec kQ2KCodec;
extern const Codec kQ3KCodec;
extern const Codec kQ5KCodec;
extern const Codec kIq4NlCodec;
extern const Codec kIq4XsCodec;
extern const Codec kMxfp4Codec;
extern const Codec kIq3SCodec;
extern const Codec kIq3XxsCodec;
extern const Codec kIq2XxsCodec;
extern const Codec kIq2XsCodec;
extern const Codec kIq2SCodec;
extern const Codec kIq1SCodec;
extern const Codec kIq1MCodec;
extern const Codec kTq1Codec;
extern const Codec kTq2Codec;

}  // namespace ledge
