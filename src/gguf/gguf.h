// Reads the header of a GGUF file (versions 2 and 3, little-endian) as hostile input.
//
// Source: the GGUF specification (ggml's docs/gguf.md). Everything is a view into the bytes given
// to Parse: no string, array or tensor is copied, and what is allocated is bounded by the header's
// own size. Sizes are computed with checked arithmetic only; every tensor is shown to lie inside
// the file before it is handed out; keys and tensor names are unique; tensors don't overlap. Parse
// takes O(n log n) time for n keys and tensors. A parsed header is immutable and may be read from
// any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "gguf/tensor_origin.h"
#include "gguf/tensor_type.h"

namespace ledge {

inline constexpr uint64_t kMaxGgufKeys = 1 << 16;
inline constexpr uint64_t kMaxGgufTensors = 1 << 17;
inline constexpr uint64_t kMaxGgufNameBytes = 512;  // keys and tensor names
inline constexpr uint64_t kMaxGgufArrayDepth = 1;   // arrays of arrays are refused
inline constexpr uint32_t kMaxGgufDims = 4;
inline constexpr uint64_t kMaxGgufHeaderBytes = 256 << 20;  // everything before the tensors' data
inline constexpr uint32_t kGgufDefaultAlignment = 32;
inline constexpr uint32_t kMinGgufAlignment = 8;
inline constexpr uint32_t kMaxGgufAlignment = 1 << 16;
inline constexpr uint32_t kGgufNewestVersion = 3;

enum class GgufType : uint32_t {
  kU8 = 0,
  kI8 = 1,
  kU16 = 2,
  kI16 = 3,
  kU32 = 4,
  kI32 = 5,
  kF32 = 6,
  kBool = 7,
  kString = 8,
  kArray = 9,
  kU64 = 10,
  kI64 = 11,
  kF64 = 12,
};
std::string_view GgufTypeName(GgufType type);
// Bytes of one number of the type; 0 for strings and arrays.
uint32_t GgufTypeBytes(GgufType type);

// A metadata value: a view into the header. Arrays of strings were walked and checked by Parse.
struct GgufValue {
  GgufType type = GgufType::kU8;     // kArray for arrays
  GgufType element = GgufType::kU8;  // of an array
  uint64_t count = 1;                // elements of an array
  std::span<const std::byte>
      bytes;  // number, characters, or the array's elements one behind another
};

// Element `index` (below count) of a number or an array of numbers; the header's bytes have no
// alignment. T must be the type that `element` (for arrays) or `type` says; Array() has checked
// that.
template <typename T>
T GgufElement(const GgufValue& value, uint64_t index) {
  T number;
  std::memcpy(&number, value.bytes.data() + index * sizeof(T), sizeof(T));
  return number;
}

struct GgufTensor {
  std::string_view name;
  TensorType type = TensorType::kF32;
  uint32_t n_dims = 0;
  std::array<uint64_t, 4> dims = {1, 1, 1, 1};  // dims[0] is the row length, contiguous
  uint64_t offset = 0;                          // from the start of the file
  uint64_t bytes = 0;
  uint64_t rows() const { return dims[1] * dims[2] * dims[3]; }
  uint64_t values() const { return dims[0] * rows(); }
};

// Walks an array of strings without copying it.
class GgufStrings {
 public:
  // An array of strings that Parse has checked.
  explicit GgufStrings(const GgufValue& array) : rest_(array.bytes), left_(array.count) {}
  uint64_t left() const { return left_; }
  // Only while left() > 0.
  std::string_view Next() {
    uint64_t length = 0;
    std::memcpy(&length, rest_.data(), sizeof(length));
    const auto chars = rest_.subspan(sizeof(length), length);
    rest_ = rest_.subspan(sizeof(length) + length);
    --left_;
    return {reinterpret_cast<const char*>(chars.data()), chars.size()};
  }

 private:
  std::span<const std::byte> rest_;
  uint64_t left_;
};

class GgufHeader {
 public:
  // `bytes`: the file's beginning, at least its header (the whole mapping is fine); must outlive
  // the header. `file`: how errors name it. kMalformed or kUnsupported, saying which field is
  // wrong, if this is no header that the limits above and the format allow.
  static Result<GgufHeader> Parse(std::span<const std::byte> bytes, uint64_t file_size,
                                  std::string_view file);

  const std::string& file() const { return file_; }
  uint32_t version() const { return version_; }
  uint32_t alignment() const { return alignment_; }
  // Where the tensors' section begins: aligned, and inside the file unless there are no tensors.
  uint64_t data_offset() const { return data_offset_; }
  const std::vector<GgufTensor>& tensors() const { return tensors_; }  // in the file's order
  const std::vector<std::pair<std::string_view, GgufValue>>& metadata() const { return metadata_; }
  // nullptr if there is none of that name.
  const GgufTensor* FindTensor(std::string_view name) const;
  const GgufValue* Find(std::string_view key) const;

  // Typed reading. A key that is absent gives the fallback, or kMalformed naming the key where
  // there is none; a key of another type is always kMalformed. Integers of any width and sign are
  // accepted where the value fits.
  Result<uint64_t> Unsigned(std::string_view key) const;
  Result<uint64_t> Unsigned(std::string_view key, uint64_t fallback) const;
  Result<double> Number(std::string_view key) const;  // integers and floats; must be finite
  Result<double> Number(std::string_view key, double fallback) const;
  Result<bool> Bool(std::string_view key, bool fallback) const;
  Result<std::string_view> String(std::string_view key) const;
  Result<std::string_view> String(std::string_view key, std::string_view fallback) const;
  // The array under `key`, with the element type checked; nullptr if there is no such key.
  Result<const GgufValue*> Array(std::string_view key, GgufType element) const;

  // kMalformed: "FILE: key 'KEY' PROBLEM"; "ORIGIN PROBLEM" for a key that has one.
  Error Malformed(std::string_view key, std::string_view problem) const;
  // Of a header that was made of other files: what messages call its keys from now on.
  void CallKeys(std::shared_ptr<const KeyOrigins> origins) { key_origins_ = std::move(origins); }
  // May be null.
  std::shared_ptr<const KeyOrigins> key_origins() const { return key_origins_; }

 private:
  friend class GgufParser;

  Error Missing(std::string_view key, std::string_view wanted) const;
  Error WrongType(std::string_view key, const GgufValue& value, std::string_view wanted) const;

  std::string file_;
  uint32_t version_ = 0;
  uint32_t alignment_ = kGgufDefaultAlignment;
  uint64_t data_offset_ = 0;
  std::vector<GgufTensor> tensors_;
  std::vector<std::pair<std::string_view, GgufValue>> metadata_;
  // Positions in the vectors above, sorted by name: no hash that a crafted file could make
  // quadratic.
  std::vector<uint32_t> tensors_by_name_;
  std::vector<uint32_t> keys_by_name_;
  std::shared_ptr<const KeyOrigins> key_origins_;
};

}  // namespace ledge
