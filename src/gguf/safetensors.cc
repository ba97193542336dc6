#include "gguf/safetensors.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/byte_reader.h"
#include "base/checked.h"

namespace ledge {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kMetadataName = "__metadata__";

struct TypeRow {
  std::string_view name;
  uint32_t bytes;
};
constexpr std::array<TypeRow, 15> kFolderTypes = {{
    {"BOOL", 1},
    {"U8", 1},
    {"I8", 1},
    {"F8_E5M2", 1},
    {"F8_E4M3", 1},
    {"I16", 2},
    {"U16", 2},
    {"F16", 2},
    {"BF16", 2},
    {"I32", 4},
    {"U32", 4},
    {"F32", 4},
    {"F64", 8},
    {"I64", 8},
    {"U64", 8},
}};

std::string ShownField(std::string_view text) { return PrintableLine(text, 80); }

// Receives the header's JSON as events. Its states are the places of the only shape that a header
// has; anything else ends the parsing with a message.
class HeaderEvents final : public nlohmann::json_sax<Json> {
 public:
  explicit HeaderEvents(std::vector<SafetensorsTensor>& tensors) : tensors_(tensors) {}

  const std::optional<Error>& error() const { return error_; }

  bool start_object(std::size_t) override {
    if (place_ == Place::kOutside) return Go(Place::kNames);
    if (place_ == Place::kTensorStart) {
      seen_ = {};
      return Go(Place::kTensor);
    }
    if (place_ == Place::kMetadataStart) return Go(Place::kMetadata);
    return Unexpected("an object");
  }
  bool end_object() override {
    if (place_ == Place::kTensor) {
      if (!(seen_.type && seen_.shape && seen_.offsets)) {
        return Fail("lacks {}; dtype, shape and data_offsets are needed", !seen_.type ? "dtype"
                                                                          : !seen_.shape
                                                                              ? "shape"
                                                                              : "data_offsets");
      }
      return Go(Place::kNames);
    }
    if (place_ == Place::kMetadata) return Go(Place::kNames);
    return Go(Place::kEnd);
  }
  bool key(string_t& text) override {
    if (place_ == Place::kNames) return Name(text);
    if (place_ == Place::kTensor) return Field(text);
    return true;  // of the metadata
  }
  bool string(string_t& text) override {
    if (place_ == Place::kMetadata) return true;
    if (place_ != Place::kType) return Unexpected("a text");
    const auto found = std::ranges::find(kFolderTypes, std::string_view(text), &TypeRow::name);
    if (found == kFolderTypes.end()) {
      error_ = MakeError(Code::kUnsupported,
                         "tensor '{}': dtype is \"{}\"; BOOL, U8 to U64, I8 to I64, F8_E5M2, "
                         "F8_E4M3, F16, BF16, F32 and F64 are known",
                         ShownField(tensors_.back().name), ShownField(text));
      return false;
    }
    tensors_.back().type = static_cast<SafetensorsType>(found - kFolderTypes.begin());
    return Go(Place::kTensor);
  }
  bool start_array(std::size_t) override {
    if (place_ == Place::kShapeStart) return Go(Place::kShape);
    if (place_ == Place::kOffsetsStart) return Go(Place::kOffsets);
    return Unexpected("an array");
  }
  bool end_array() override {
    if (place_ == Place::kOffsets && offsets_ != 2) {
      return Fail("data_offsets has {} numbers; should be [begin, end]", offsets_);
    }
    offsets_ = 0;
    return Go(Place::kTensor);
  }
  bool number_unsigned(number_unsigned_t number) override {
    SafetensorsTensor* const tensor = tensors_.empty() ? nullptr : &tensors_.back();
    if (place_ == Place::kShape) {
      if (tensor->shape.size() == kMaxSafetensorsDims) {
        return Fail("shape has more than {} dimensions", kMaxSafetensorsDims);
      }
      if (number == 0) {
        return Fail("shape[{}] is 0; each dimension should be from 1 up", tensor->shape.size());
      }
      tensor->shape.push_back(number);
      return true;
    }
    if (place_ == Place::kOffsets) {
      // Begin and end for now; Place makes offset and length of them.
      (offsets_ == 0 ? tensor->offset : tensor->bytes) = number;
      ++offsets_;
      return offsets_ <= 2 || Fail("data_offsets has more than 2 numbers; should be [begin, end]");
    }
    return Unexpected("a number");
  }
  bool null() override { return Unexpected("null"); }
  bool boolean(bool) override { return Unexpected("a truth value"); }
  bool number_integer(number_integer_t number) override {
    return Unexpected(fmt::format("the negative number {}", number));
  }
  bool number_float(number_float_t, const string_t& text) override {
    return Unexpected("the number " + ShownField(text));
  }
  bool binary(binary_t&) override { return Unexpected("bytes"); }
  bool parse_error(std::size_t position, const std::string&, const Json::exception&) override {
    error_ = MakeError(Code::kMalformed,
                       "the header is no JSON in UTF-8 around its byte {}; it should be an object "
                       "of tensors",
                       position);
    return false;
  }

 private:
  enum class Place {
    kOutside,
    kNames,
    kTensorStart,
    kTensor,
    kType,
    kShapeStart,
    kShape,
    kOffsetsStart,
    kOffsets,
    kMetadataStart,
    kMetadata,
    kEnd,
  };
  struct Seen {
    bool type = false;
    bool shape = false;
    bool offsets = false;
  };

  bool Go(Place place) {
    place_ = place;
    return true;
  }
  template <typename... Args>
  bool Fail(fmt::format_string<Args...> format, Args&&... args) {
    error_ = MakeError(Code::kMalformed, "tensor '{}': {}", ShownField(tensors_.back().name),
                       fmt::format(format, std::forward<Args>(args)...));
    return false;
  }
  bool Unexpected(std::string_view what) {
    if (tensors_.empty() || place_ == Place::kMetadata || place_ == Place::kMetadataStart) {
      error_ = MakeError(Code::kMalformed, "the header has {} where {} should be", what,
                         place_ == Place::kMetadata ? "a text of __metadata__" : "an object");
      return false;
    }
    return Fail("has {} where {} should be", what,
                place_ == Place::kType                                 ? "the dtype's name"
                : place_ == Place::kTensorStart                        ? "an object"
                : place_ == Place::kShape || place_ == Place::kOffsets ? "a number from 0 up"
                                                                       : "an array of numbers");
  }
  bool Name(const string_t& name) {
    if (name == kMetadataName) {
      if (std::exchange(has_metadata_, true)) {
        error_ = MakeError(Code::kMalformed, "{} is there twice; once at most", kMetadataName);
        return false;
      }
      return Go(Place::kMetadataStart);
    }
    if (tensors_.size() == kMaxSafetensors) {
      error_ = MakeError(Code::kMalformed, "has more than {} tensors", kMaxSafetensors);
      return false;
    }
    tensors_.emplace_back().name = name;
    if (name.empty()) return Fail("has an empty name");
    if (name.size() > kMaxSafetensorsNameBytes) {
      return Fail("its name has {} bytes; at most {} are accepted", name.size(),
                  kMaxSafetensorsNameBytes);
    }
    if (PrintableLine(name) != name) return Fail("its name holds control characters");
    return Go(Place::kTensorStart);
  }
  bool Field(const string_t& field) {
    bool* const seen = field == "dtype"          ? &seen_.type
                       : field == "shape"        ? &seen_.shape
                       : field == "data_offsets" ? &seen_.offsets
                                                 : nullptr;
    if (seen == nullptr) {
      return Fail("has the field \"{}\"; dtype, shape and data_offsets are the format's",
                  ShownField(field));
    }
    if (std::exchange(*seen, true)) return Fail("has {} twice", field);
    return Go(field == "dtype"   ? Place::kType
              : field == "shape" ? Place::kShapeStart
                                 : Place::kOffsetsStart);
  }

  std::vector<SafetensorsTensor>& tensors_;
  std::optional<Error> error_;
  Place place_ = Place::kOutside;
  Seen seen_;
  uint32_t offsets_ = 0;
  bool has_metadata_ = false;
};

// Bytes that type and shape ask for.
std::optional<uint64_t> BytesOf(const SafetensorsTensor& tensor) {
  std::optional<uint64_t> bytes = SafetensorsTypeBytes(tensor.type);
  for (const uint64_t dim : tensor.shape) bytes = bytes ? CheckedMul(*bytes, dim) : bytes;
  return bytes;
}

std::string ShapeText(const SafetensorsTensor& tensor) {
  std::string text;
  for (const uint64_t dim : tensor.shape) {
    text += fmt::format("{}{}", text.empty() ? "" : ", ", dim);
  }
  return '[' + text + ']';
}

Result<void> CheckNames(const std::vector<SafetensorsTensor>& tensors) {
  std::vector<std::string_view> names;
  names.reserve(tensors.size());
  for (const SafetensorsTensor& tensor : tensors) names.push_back(tensor.name);
  std::ranges::sort(names);
  const auto twice = std::ranges::adjacent_find(names);
  if (twice == names.end()) return {};
  return MakeError(Code::kMalformed, "tensor '{}' is there twice; names are unique",
                   ShownField(*twice));
}

// Turns begin and end into place and length, which must fill the data section exactly.
Result<void> PlaceAll(std::vector<SafetensorsTensor>& tensors, uint64_t data, uint64_t file_size) {
  const uint64_t data_bytes = file_size - data;
  std::ranges::sort(tensors, {}, [](const SafetensorsTensor& tensor) {
    return std::pair(tensor.offset, tensor.bytes);
  });
  uint64_t expected = 0;
  for (SafetensorsTensor& tensor : tensors) {
    const uint64_t begin = tensor.offset;
    const uint64_t end = tensor.bytes;
    const auto wrong = [&](std::string_view problem) {
      return MakeError(Code::kMalformed, "tensor '{}': data_offsets are [{}, {}]; {}",
                       ShownField(tensor.name), begin, end, problem);
    };
    if (end > data_bytes) {
      return wrong(fmt::format("the file has {} bytes of data", data_bytes));
    }
    if (begin != expected) {
      return wrong(fmt::format(
          "it should begin at {}, where the tensor before it ends: no overlaps, no holes",
          expected));
    }
    const auto bytes = BytesOf(tensor);
    if (!bytes || end < begin || *bytes != end - begin) {
      return wrong(fmt::format("shape {} of {} makes {} bytes", ShapeText(tensor),
                               SafetensorsTypeName(tensor.type),
                               bytes ? fmt::format("{}", *bytes) : "more than 2^64"));
    }
    tensor.offset = data + begin;
    tensor.bytes = *bytes;
    expected = end;
  }
  if (expected == data_bytes) return {};
  return MakeError(Code::kMalformed,
                   "has {} bytes behind the last tensor; the file should end with it",
                   data_bytes - expected);
}

Result<SafetensorsHeader> ParseNameless(std::span<const std::byte> bytes, uint64_t file_size) {
  ByteReader reader(bytes);
  LEDGE_TRY(const uint64_t length, reader.Read<uint64_t>("the header's length"));
  if (length > kMaxSafetensorsHeaderBytes || length > file_size - sizeof(length) ||
      length > reader.remaining()) {
    return MakeError(
        Code::kMalformed,
        "the header's length is {}; it should be at most {}, and the file has {} bytes", length,
        kMaxSafetensorsHeaderBytes, file_size);
  }
  LEDGE_TRY(const std::string_view text, reader.ReadChars(length, "the header"));
  if (!text.starts_with('{')) {
    return MakeError(Code::kMalformed,
                     "the header begins with \"{}\"; it should be a JSON object, '{{' first",
                     PrintableLine(text.substr(0, 8), 40));
  }
  SafetensorsHeader header;
  HeaderEvents events(header.tensors);
  const bool whole = Json::sax_parse(text, &events);
  if (events.error()) return *events.error();
  if (!whole) return MakeError(Code::kMalformed, "the header is no JSON object");
  LEDGE_CHECK_OK(CheckNames(header.tensors));
  LEDGE_CHECK_OK(PlaceAll(header.tensors, sizeof(length) + length, file_size));
  return header;
}

}  // namespace

std::string_view SafetensorsTypeName(SafetensorsType type) {
  return kFolderTypes[static_cast<size_t>(type)].name;
}
uint32_t SafetensorsTypeBytes(SafetensorsType type) {
  return kFolderTypes[static_cast<size_t>(type)].bytes;
}

Result<SafetensorsHeader> SafetensorsHeader::Parse(std::span<const std::byte> bytes,
                                                   uint64_t file_size, std::string_view file) {
  return ParseNameless(bytes, file_size).WithContext(PrintableLine(file, 400));
}

}  // namespace ledge
