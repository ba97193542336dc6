// Reads the header of a safetensors file as hostile input.
//
// Source: the format's description (huggingface/safetensors, README, "Format"): a little-endian u64
// N, N bytes of a JSON object in UTF-8 that begins with '{' and may end in spaces, then the data.
// The object maps a tensor's name to {"dtype", "shape", "data_offsets"}; "__metadata__" maps texts
// to texts. The tensors' bytes fill the data section without a hole, which is checked here: every
// offset is inside the file, nothing overlaps, and each length is what type and shape make of it.
// Parse reads events instead of building a tree, so memory is bounded by the names and shapes. It
// takes O(n log n) time for n tensors. A parsed header is immutable and may be read from any
// thread; it holds no view into the bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ledge {

inline constexpr uint64_t kMaxSafetensorsHeaderBytes = 32 << 20;
inline constexpr uint64_t kMaxSafetensors = 1 << 17;  // tensors of a file
inline constexpr uint64_t kMaxSafetensorsNameBytes = 512;
inline constexpr uint64_t kMaxSafetensorsDims = 8;

// In the order of the format's list.
enum class SafetensorsType : uint8_t {
  kBool,
  kU8,
  kI8,
  kF8E5M2,
  kF8E4M3,
  kI16,
  kU16,
  kF16,
  kBF16,
  kI32,
  kU32,
  kF32,
  kF64,
  kI64,
  kU64,
};
// As files write it: "BF16".
std::string_view SafetensorsTypeName(SafetensorsType type);
uint32_t SafetensorsTypeBytes(SafetensorsType type);

struct SafetensorsTensor {
  std::string name;
  SafetensorsType type = SafetensorsType::kF32;
  std::vector<uint64_t> shape;  // outermost first, each from 1 up; empty for a single value
  uint64_t offset = 0;          // from the start of the file
  uint64_t bytes = 0;
};

struct SafetensorsHeader {
  // `bytes`: the file's beginning, at least its header (the whole mapping is fine). `file`: how
  // errors name it. kMalformed, saying which tensor and field is wrong, if this is no header that
  // the limits above and the format allow; kUnsupported for a type that is not in the list above.
  static Result<SafetensorsHeader> Parse(std::span<const std::byte> bytes, uint64_t file_size,
                                         std::string_view file);

  std::vector<SafetensorsTensor> tensors;  // by their place in the file
};

}  // namespace ledge
