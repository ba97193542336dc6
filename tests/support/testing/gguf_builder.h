// Builds GGUF files byte by byte, right ones and broken ones: every count, type, offset and length
// can be made to lie. Nothing is checked here.
//
//   GgufBuilder builder;
//   builder.String("general.architecture", "llama").Floats("w", {4, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
//   const std::vector<std::byte> bytes = builder.Build();
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gguf/gguf.h"
#include "gguf/gguf_writer.h"

namespace ledge::testing {

struct BuiltTensor {
  std::string name;
  uint32_t type = 0;
  std::vector<uint64_t> dims;
  std::string data;                // as many bytes as wanted, not as many as the dims say
  std::optional<uint64_t> offset;  // in the data section, instead of the right one
  std::optional<uint32_t> n_dims;  // instead of dims.size()
};

class GgufBuilder {
 public:
  // What the header says, right unless changed.
  uint32_t magic = 0x46554747;
  uint32_t version = 3;
  std::optional<uint64_t> tensor_count;
  std::optional<uint64_t> key_count;
  uint64_t alignment = 32;  // of the layout; general.alignment is the caller's to add

  // `value`: everything behind the value's type.
  GgufBuilder& Raw(std::string_view key, uint32_t type, std::string_view value) {
    Text(metadata_, key);
    Put(metadata_, type);
    metadata_ += value;
    ++keys_;
    return *this;
  }
  template <typename T>
  GgufBuilder& Number(std::string_view key, T number) {
    return Raw(key, static_cast<uint32_t>(GgufTypeOf<T>()), Bytes(number));
  }
  template <typename T>
  GgufBuilder& Numbers(std::string_view key, const std::vector<T>& numbers) {
    std::string value = ArrayHead(GgufTypeOf<T>(), numbers.size());
    for (const T number : numbers) Put(value, number);
    return Raw(key, kArrayType, value);
  }
  GgufBuilder& Bool(std::string_view key, uint8_t value) {
    return Raw(key, static_cast<uint32_t>(GgufType::kBool), Bytes(value));
  }
  GgufBuilder& String(std::string_view key, std::string_view text) {
    std::string value;
    Text(value, text);
    return Raw(key, static_cast<uint32_t>(GgufType::kString), value);
  }
  GgufBuilder& Strings(std::string_view key, const std::vector<std::string>& texts) {
    std::string value = ArrayHead(GgufType::kString, texts.size());
    for (const std::string& text : texts) Text(value, text);
    return Raw(key, kArrayType, value);
  }
  GgufBuilder& Tensor(BuiltTensor tensor) {
    tensors_.push_back(std::move(tensor));
    return *this;
  }
  GgufBuilder& Tensor(std::string name, TensorType type, std::vector<uint64_t> dims,
                      std::string data) {
    return Tensor(
        {std::move(name), static_cast<uint32_t>(type), std::move(dims), std::move(data), {}, {}});
  }
  GgufBuilder& Floats(std::string name, std::vector<uint64_t> dims,
                      const std::vector<float>& values) {
    std::string data;
    for (const float value : values) Put(data, value);
    return Tensor(std::move(name), TensorType::kF32, std::move(dims), std::move(data));
  }

  std::vector<std::byte> Build() const {
    std::string out;
    Put(out, magic);
    Put(out, version);
    Put(out, tensor_count.value_or(tensors_.size()));
    Put(out, key_count.value_or(keys_));
    out += metadata_;
    std::string data;
    for (const BuiltTensor& tensor : tensors_) {
      Text(out, tensor.name);
      Put(out, tensor.n_dims.value_or(static_cast<uint32_t>(tensor.dims.size())));
      for (const uint64_t dim : tensor.dims) Put(out, dim);
      Put(out, tensor.type);
      Put(out, tensor.offset.value_or(data.size()));
      data += tensor.data;
      if (tensor.data.size() > 0) Pad(data);
    }
    if (!tensors_.empty()) Pad(out);
    out += data;
    std::vector<std::byte> bytes(out.size());
    std::memcpy(bytes.data(), out.data(), out.size());
    return bytes;
  }

  template <typename T>
  static std::string Bytes(T number) {
    std::string out;
    Put(out, number);
    return out;
  }
  static std::string ArrayHead(GgufType element, uint64_t count) {
    return Bytes(static_cast<uint32_t>(element)) + Bytes(count);
  }

  static constexpr uint32_t kArrayType = static_cast<uint32_t>(GgufType::kArray);

 private:
  template <typename T>
  static void Put(std::string& out, T number) {
    char raw[sizeof(T)];
    std::memcpy(raw, &number, sizeof(T));
    out.append(raw, sizeof(T));
  }
  static void Text(std::string& out, std::string_view text) {
    Put(out, uint64_t{text.size()});
    out += text;
  }
  void Pad(std::string& out) const {
    out.resize((out.size() + alignment - 1) / alignment * alignment, '\0');
  }

  std::string metadata_;
  uint64_t keys_ = 0;
  std::vector<BuiltTensor> tensors_;
};

// A right one of about a kilobyte with a value of every type and tensors of several.
inline std::vector<std::byte> SmallGguf() {
  GgufBuilder builder;
  builder.String("general.architecture", "llama")
      .Number<uint8_t>("n.u8", 200)
      .Number<int8_t>("n.i8", -3)
      .Number<uint16_t>("n.u16", 60000)
      .Number<int16_t>("n.i16", -300)
      .Number<uint32_t>("n.u32", 4000000000U)
      .Number<int32_t>("n.i32", -70000)
      .Number<uint64_t>("n.u64", UINT64_MAX)
      .Number<int64_t>("n.i64", INT64_MIN)
      .Number<float>("n.f32", 0.5F)
      .Number<double>("n.f64", -0.25)
      .Bool("n.bool", 1)
      .Numbers<float>("a.f32", {1.0F, -2.0F})
      .Numbers<int32_t>("a.i32", {})
      .Strings("a.strings", {"", "a", "two"})
      .Floats("f", {2, 3}, {1, 2, 3, 4, 5, 6})
      .Tensor("q", TensorType::kQ4_0, {64}, std::string(36, '\x11'))
      .Tensor("h", TensorType::kF16, {3, 1, 2, 1}, std::string(12, '\x22'));
  return builder.Build();
}

}  // namespace ledge::testing
