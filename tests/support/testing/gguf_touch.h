// Reads everything a header hands out, so that sanitizers see any view that leaves the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gguf/gguf.h"

namespace ledge::testing {

inline uint64_t TouchBytes(std::span<const std::byte> bytes) {
  uint64_t sum = 0;
  for (const std::byte byte : bytes) sum += static_cast<uint64_t>(byte);
  return sum;
}

inline uint64_t TouchChars(std::string_view text) {
  return TouchBytes(std::as_bytes(std::span(text)));
}

inline uint64_t TouchValue(const GgufHeader& header, std::string_view key, const GgufValue& value) {
  uint64_t sum = TouchChars(key) + TouchBytes(value.bytes) + TouchChars(GgufTypeName(value.type));
  if (header.Find(key) != &value) __builtin_trap();
  sum += header.Unsigned(key, 1).ok() ? 1 : 0;
  sum += header.Number(key, 1).ok() ? 1 : 0;
  sum += header.Bool(key, false).ok() ? 1 : 0;
  if (const auto text = header.String(key); text.ok()) sum += TouchChars(*text);
  if (value.type == GgufType::kArray && value.element == GgufType::kString) {
    uint64_t seen = 0;
    for (GgufStrings strings(value); strings.left() > 0; ++seen) sum += TouchChars(strings.Next());
    if (seen != value.count) __builtin_trap();
  } else if (value.type == GgufType::kArray) {
    if (value.bytes.size() != value.count * GgufTypeBytes(value.element)) __builtin_trap();
  }
  return sum;
}

// `file`: the whole file. The sum is there so that nothing is optimised away.
inline uint64_t TouchHeader(const GgufHeader& header, std::span<const std::byte> file) {
  uint64_t sum = 0;
  for (const auto& [key, value] : header.metadata()) sum += TouchValue(header, key, value);
  for (const GgufTensor& tensor : header.tensors()) {
    if (header.FindTensor(tensor.name) != &tensor) __builtin_trap();
    if (*RowBytes(tensor.type, tensor.dims[0]) * tensor.rows() != tensor.bytes) __builtin_trap();
    if (tensor.offset % header.alignment() != 0 || tensor.offset < header.data_offset())
      __builtin_trap();
    sum += TouchChars(tensor.name) + TouchBytes(file.subspan(tensor.offset, tensor.bytes));
  }
  return sum;
}

}  // namespace ledge::testing
