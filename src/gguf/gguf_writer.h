// Writes a GGUF file, version 3, front to back: first the metadata, then the tensors' descriptions,
// then their data as a stream, so memory is bounded by the header whatever the tensors' size.
//
//   GgufWriter writer(SinkTo(*pending));
//   writer.AddString("general.architecture", "llama");
//   LEDGE_CHECK_OK(writer.AddTensor("output_norm.weight", TensorType::kF32, dims));
//   LEDGE_CHECK_OK(writer.Begin());
//   LEDGE_CHECK_OK(writer.Write(bytes));   // as often as needed, in the tensors' order
//   LEDGE_CHECK_OK(writer.Finish());
//
// Begin() reads the header back with GgufHeader::Parse, so whatever breaks the reader's rules
// (names, duplicates, limits) fails there and no file comes out that the reader would refuse.
// Source: the GGUF specification. Not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/result.h"
#include "gguf/gguf.h"
#include "os/os.h"

namespace ledge {

// Takes a file's bytes one piece behind another.
using GgufSink = std::function<Result<void>(std::span<const std::byte>)>;

// Appends to `file` from its beginning; `file` must outlive the sink.
GgufSink SinkTo(PendingFile& file);

template <typename T>
constexpr GgufType GgufTypeOf() {
  if constexpr (std::is_same_v<T, uint8_t>)
    return GgufType::kU8;
  else if constexpr (std::is_same_v<T, int8_t>)
    return GgufType::kI8;
  else if constexpr (std::is_same_v<T, uint16_t>)
    return GgufType::kU16;
  else if constexpr (std::is_same_v<T, int16_t>)
    return GgufType::kI16;
  else if constexpr (std::is_same_v<T, uint32_t>)
    return GgufType::kU32;
  else if constexpr (std::is_same_v<T, int32_t>)
    return GgufType::kI32;
  else if constexpr (std::is_same_v<T, float>)
    return GgufType::kF32;
  else if constexpr (std::is_same_v<T, uint64_t>)
    return GgufType::kU64;
  else if constexpr (std::is_same_v<T, int64_t>)
    return GgufType::kI64;
  else {
    static_assert(std::is_same_v<T, double>, "not a number type of GGUF");
    return GgufType::kF64;
  }
}

class GgufWriter {
 public:
  // `alignment` other than the default is recorded as general.alignment.
  explicit GgufWriter(GgufSink sink, uint32_t alignment = kGgufDefaultAlignment);

  // Metadata, before Begin().
  template <typename T>
  void AddNumber(std::string_view key, T number) {
    AddKey(key, GgufTypeOf<T>());
    Append(number);
  }
  template <typename T>
  void AddNumbers(std::string_view key, std::span<const T> numbers) {
    AddArrayKey(key, GgufTypeOf<T>(), numbers.size());
    AppendBytes(std::as_bytes(numbers));
  }
  void AddBool(std::string_view key, bool value);
  void AddBools(std::string_view key, const std::vector<bool>& values);
  void AddString(std::string_view key, std::string_view text);
  void AddStrings(std::string_view key, std::span<const std::string> texts);
  // As read from another header.
  void AddValue(std::string_view key, const GgufValue& value);

  // The next tensor, before Begin(): dims[0] is the row length. kMalformed if the shape is none of
  // a tensor.
  Result<void> AddTensor(std::string_view name, TensorType type, std::span<const uint64_t> dims);

  // Writes the header. kMalformed if the reader would refuse it; the sink's own error if that
  // fails.
  Result<void> Begin();
  // The file's size in the end; after Begin().
  uint64_t file_bytes() const { return file_bytes_; }
  // The next bytes of the tensors' data, which may span tensors; the padding between them is added.
  Result<void> Write(std::span<const std::byte> data);
  // Fails with kInternal if data is missing. The file is complete after it; committing is the
  // caller's.
  Result<void> Finish();

 private:
  template <typename T>
  void Append(T number) {
    AppendBytes(std::as_bytes(std::span(&number, 1)));
  }
  void AppendBytes(std::span<const std::byte> bytes);
  void AppendString(std::string_view text);
  void AddKey(std::string_view key, GgufType type);
  void AddArrayKey(std::string_view key, GgufType element, uint64_t count);
  Result<void> Pad();

  struct Announced {
    std::string name;
    TensorType type;
    std::vector<uint64_t> dims;
    uint64_t offset;  // in the data section
    uint64_t bytes;
  };

  GgufSink sink_;
  uint32_t alignment_;
  std::string header_;  // first the metadata alone, later all of it
  uint64_t keys_ = 0;
  std::vector<Announced> tensors_;
  uint64_t data_bytes_ = 0;  // of all announced tensors with their padding
  uint64_t file_bytes_ = 0;
  bool begun_ = false;
  size_t current_ = 0;    // the tensor being written
  uint64_t written_ = 0;  // of it
};

}  // namespace ledge
