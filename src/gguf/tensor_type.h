// The tensor types of GGUF and their block geometry.
// Source: the GGUF specification and ggml's type list (numbers are part of the file format).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace ledge {

// Values as stored in files.
enum class TensorType : uint32_t {
  kF32 = 0,
  kF16 = 1,
  kQ4_0 = 2,
  kQ4_1 = 3,
  kQ5_0 = 6,
  kQ5_1 = 7,
  kQ8_0 = 8,
  kQ2_K = 10,
  kQ3_K = 11,
  kQ4_K = 12,
  kQ5_K = 13,
  kQ6_K = 14,
  kIQ2_XXS = 16,
  kIQ2_XS = 17,
  kIQ3_XXS = 18,
  kIQ1_S = 19,
  kIQ4_NL = 20,
  kIQ3_S = 21,
  kIQ2_S = 22,
  kIQ4_XS = 23,
  kI8 = 24,
  kI16 = 25,
  kI32 = 26,
  kI64 = 27,
  kF64 = 28,
  kIQ1_M = 29,
  kBF16 = 30,
  kTQ1_0 = 34,
  kTQ2_0 = 35,
  kMXFP4 = 39,
};

struct TypeInfo {
  TensorType type;
  std::string_view name;  // "Q4_K"
  uint32_t block_values;  // values in a block: 1, 32 or 256
  uint32_t block_bytes;   // bytes of a block
  bool can_decode;        // quant/ has a block <-> float codec for it
};

// Every known type, by number.
std::span<const TypeInfo> AllTypes();
// Nothing for a number that is no known type (removed, newer than this list, or made up).
const TypeInfo* FindType(uint32_t number);
const TypeInfo& Info(TensorType type);
// By name, case-insensitive ("q4_k" and "Q4_K").
std::optional<TensorType> TypeByName(std::string_view name);

// Bytes of a row of `values` values; nothing if `values` is not a multiple of the block or
// overflows.
std::optional<uint64_t> RowBytes(TensorType type, uint64_t values);

}  // namespace ledge
