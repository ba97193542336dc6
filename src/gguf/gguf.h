// Reads the header of a GGUF file (versions 2 and 3, little-endian) as hostile input.
//
// Source: the GGUF specification (ggml's docs/gguf.md). Everything is a view into the bytes given to Parse:
// no string, array or tensor is copied, and what is allocated is bounded by the header's own size. Sizes are
// computed with checked arithmetic only; every tensor is shown to lie inside the file before it is handed
// out; keys and tensor names are unique; tensors don't overlap.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "gguf/tensor_type.h"

namespace ledge {

inline constexpr uint64_t kMaxGgufKeys = 1 << 16;
inline constexpr uint64_t kMaxGgufTensors = 1 << 17;
inline constexpr uint64_t kMaxGgufNameBytes = 512;  // keys and tensor names
inline constexpr uint64_t kMaxGgufArrayDepth = 1;   // arrays of arrays are refused
inline constexpr uint32_t kGgufDefaultAlignment = 32;
inline constexpr uint32_t kMaxGgufAlignment = 1 << 16;

enum class GgufType : uint32_t {
  kU8 = 0, kI8 = 1, kU16 = 2, kI16 = 3, kU32 = 4, kI32 = 5, kF32 = 6,
  kBool = 7, kString = 8, kArray = 9, kU64 = 10, kI64 = 11, kF64 = 12,
};
std::string_view GgufTypeName(GgufType type);

// A metadata value: a view into the header. Arrays of strings were walked and checked by Parse.
struct GgufValue {
  GgufType type = GgufType::kU8;          // kArray for arrays
  GgufType element = GgufType::kU8;       // of an array
  uint64_t count = 1;                     // elements of an array
  std::span<const std::byte> bytes;       // number, characters, or the array's elements one behind another
};

struct GgufTensor {
  std::string_view name;
  TensorType type = TensorType::kF32;
  uint32_t n_dims = 0;
  std::array<uint64_t, 4> dims = {1, 1, 1, 1};  // dims[0] is the row length, contiguous
  uint64_t offset = 0;                          // from the start of the file
  uint64_t bytes = 0;
  uint64_t rows() const { return dims[1] * dims[2] * dims[3]; }
};

// Walks an array of strings without copying it.
class GgufStrings {
 public:
  explicit GgufStrings(const GgufValue& array) : rest_(array.bytes), left_(array.count) {}
  uint64_t left() const { return left_; }
  std::string_view Next();  // only while left() > 0

 private:
  std::span<const std::byte> rest_;
  uint64_t left_;
};

class GgufHeader {
 public:
  // `bytes`: the file's beginning, at least its header (the whole mapping is fine); must outlive the header.
  // `file`: how errors name it.
  static Result<GgufHeader> Parse(std::span<const std::byte> bytes, uint64_t file_size, std::string_view file);

  const std::string& file() const { return file_; }
  uint32_t version() const { return version_; }
  uint32_t alignment() const { return alignment_; }
  uint64_t data_offset() const { return data_offset_; }  // where the tensors' section begins
  const std::vector<GgufTensor>& tensors() const { return tensors_; }       // in the file's order
  const std::vector<std::pair<std::string_view, GgufValue>>& metadata() const { return metadata_; }
  const GgufTensor* FindTensor(std::string_view name) const;
  const GgufValue* Find(std::string_view key) const;

  // Typed reading. A key that is absent gives the fallback, or kMalformed naming the key where there is
  // none; a key of another type is always kMalformed. Integers of any width and sign are accepted where the
  // value fits.
  Result<uint64_t> Unsigned(std::string_view key) const;
  Result<uint64_t> Unsigned(std::string_view key, uint64_t fallback) const;
  Result<double> Number(std::string_view key) const;  // integers and floats; must be finite
  Result<double> Number(std::string_view key, double fallback) const;
  Result<bool> Bool(std::string_view key, bool fallback) const;
  Result<std::string_view> String(std::string_view key) const;
  Result<std::string_view> String(std::string_view key, std::string_view fallback) const;
  // The array under `key`, with the element type checked; nullptr if there is no such key.
  Result<const GgufValue*> Array(std::string_view key, GgufType element) const;

  Error Malformed(std::string_view key, std::string_view problem) const;

 private:
  std::string file_;
  uint32_t version_ = 0;
  uint32_t alignment_ = kGgufDefaultAlignment;
  uint64_t data_offset_ = 0;
  std::vector<GgufTensor> tensors_;
  std::vector<std::pair<std::string_view, GgufValue>> metadata_;
  std::unordered_map<std::string_view, size_t> tensor_index_;
  std::unordered_map<std::string_view, size_t> key_index_;
};

}  // namespace ledge
