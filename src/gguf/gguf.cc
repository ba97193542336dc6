#include "gguf/gguf.h"

#include <algorithm>
#include <numeric>

#include "base/byte_reader.h"
#include "base/checked.h"
#include "base/utf8.h"
#include "gguf/foreign_types.h"
#include "gguf/gguf_magic.h"

namespace ledge {
namespace {

constexpr uint64_t kMinKeyBytes = 8 + 1 + 4 + 1;             // name, type, the smallest value
constexpr uint64_t kMinTensorBytes = 8 + 1 + 4 + 8 + 4 + 8;  // name, n_dims, one dim, type, offset

std::string Shown(std::string_view name) { return PrintableLine(name, 80); }

bool HasControls(std::string_view text) {
  return std::ranges::any_of(text, [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) == 0x7F;
  });
}

bool IsAscii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Nothing, or what is wrong with a key or a tensor's name.
std::string_view NameProblem(std::string_view name) {
  if (name.empty()) return "is empty";
  if (HasControls(name)) return "holds control characters";
  if (IsAscii(name)) return {};
  for (std::string_view rest = name; !rest.empty();) {
    const char32_t rune = Utf8Next(rest);
    if (rune == kInvalidRune) return "is not valid UTF-8";
    if (rune >= 0x80 && rune < 0xA0) return "holds control characters";
  }
  return {};
}

Error BadMagic(std::span<const std::byte> bytes) {
  std::string shown;
  for (const std::byte byte : bytes.first(std::min<size_t>(bytes.size(), 4))) {
    shown += fmt::format("{}{:02x}", shown.empty() ? "" : " ", static_cast<unsigned>(byte));
  }
  return MakeError(Code::kMalformed, "magic is {}; a GGUF file begins with 47 47 55 46 (\"GGUF\")",
                   shown.empty() ? "missing, the file is empty" : shown);
}

Result<void> CheckVersion(uint32_t version) {
  if (version == 2 || version == kGgufNewestVersion) return {};
  const uint32_t swapped = __builtin_bswap32(version);
  if (swapped >= 1 && swapped <= 0xFF) {
    return MakeError(Code::kUnsupported,
                     "the file is big-endian (version {} byte-swapped); "
                     "only little-endian files of version 2 or 3 can be read",
                     swapped);
  }
  const Code code = version == 0 ? Code::kMalformed : Code::kUnsupported;
  return MakeError(code, "version is {}; it should be 2 or {}", version, kGgufNewestVersion);
}

}  // namespace

// Fills one GgufHeader from front to back. Its messages lack the file's name; Parse puts that in
// front.
class GgufParser {
 public:
  GgufParser(std::span<const std::byte> bytes, uint64_t file_size, GgufHeader& out)
      : bytes_(bytes.first(std::min<uint64_t>(bytes.size(), kMaxGgufHeaderBytes))),
        reader_(bytes_),
        too_long_(bytes.size() > kMaxGgufHeaderBytes
                      ? fmt::format("the header should end within {} bytes", kMaxGgufHeaderBytes)
                      : "the file is truncated or a length in it is wrong"),
        file_size_(file_size),
        out_(out) {}

  Result<void> Run() {
    LEDGE_CHECK_OK(ReadPreamble());
    LEDGE_CHECK_OK(ReadKeys());
    LEDGE_CHECK_OK(ReadAlignment());
    LEDGE_CHECK_OK(ReadTensors());
    return PlaceTensors();
  }

 private:
  template <typename T>
  Result<T> Read(std::string_view what) {
    return Explained(reader_.Read<T>(what));
  }

  Result<std::span<const std::byte>> ReadBytes(uint64_t count, std::string_view what) {
    return Explained(reader_.ReadBytes(count, what));
  }

  template <typename T>
  Result<T> Explained(Result<T> read) const {
    if (read.ok()) return read;
    return Error{read.error().code, fmt::format("{}; {}", read.error().message, too_long_)};
  }

  Result<void> ReadPreamble() {
    const auto magic = reader_.Read<uint32_t>("magic");
    if (!magic.ok() || *magic != kGgufMagic) return BadMagic(bytes_);
    LEDGE_TRY(out_.version_, Read<uint32_t>("version"));
    LEDGE_CHECK_OK(CheckVersion(out_.version_));
    LEDGE_TRY(tensor_count_, Read<uint64_t>("n_tensors"));
    LEDGE_TRY(key_count_, Read<uint64_t>("n_kv"));
    LEDGE_CHECK_OK(CheckCount("n_tensors", tensor_count_, kMaxGgufTensors, kMinTensorBytes));
    return CheckCount("n_kv", key_count_, kMaxGgufKeys, kMinKeyBytes);
  }

  // Counts are believed only as far as the bytes that are left could hold that many.
  Result<void> CheckCount(std::string_view field, uint64_t count, uint64_t limit, uint64_t each) {
    if (count > limit) {
      return MakeError(Code::kMalformed, "{} is {}; it should be at most {}", field, count, limit);
    }
    if (count > reader_.remaining() / each) {
      return MakeError(Code::kMalformed, "{} is {}, at least {} bytes, but only {} follow; {}",
                       field, count, count * each, reader_.remaining(), too_long_);
    }
    return {};
  }

  // A key or a tensor's name.
  Result<std::string_view> ReadName(std::string_view what) {
    LEDGE_TRY(const uint64_t length, Read<uint64_t>(what));
    if (length > kMaxGgufNameBytes) {
      return MakeError(Code::kMalformed, "{} is {} bytes long; it should be at most {}", what,
                       length, kMaxGgufNameBytes);
    }
    LEDGE_TRY(const std::string_view name, Explained(reader_.ReadChars(length, what)));
    if (const auto problem = NameProblem(name); !problem.empty()) {
      return MakeError(Code::kMalformed,
                       "{} '{}' {}; it should be 1 to {} bytes of UTF-8 without control characters",
                       what, Shown(name), problem, kMaxGgufNameBytes);
    }
    return name;
  }

  Result<GgufType> ReadType(std::string_view key, std::string_view what) {
    LEDGE_TRY(const uint32_t number, Read<uint32_t>(what));
    if (number > static_cast<uint32_t>(GgufType::kF64)) {
      return MakeError(Code::kMalformed, "key '{}': {} is {}; it should be 0 to 12", Shown(key),
                       what, number);
    }
    return static_cast<GgufType>(number);
  }

  Result<void> ReadKeys() {
    out_.metadata_.reserve(key_count_);
    for (uint64_t i = 0; i < key_count_; ++i) {
      LEDGE_TRY(const std::string_view key, ReadName(fmt::format("name of key {}", i)));
      LEDGE_TRY(const GgufValue value, ReadValue(key));
      out_.metadata_.emplace_back(key, value);
    }
    return SortNames(out_.keys_by_name_, key_count_, "key",
                     [this](uint32_t i) { return out_.metadata_[i].first; });
  }

  Result<GgufValue> ReadValue(std::string_view key) {
    GgufValue value;
    LEDGE_TRY(value.type, ReadType(key, "value type"));
    if (value.type == GgufType::kArray) return ReadArray(key, value);
    if (value.type == GgufType::kString) {
      LEDGE_TRY(const uint64_t length, InKey(key, Read<uint64_t>("string length")));
      LEDGE_TRY(value.bytes, InKey(key, ReadBytes(length, "string")));
      return value;
    }
    LEDGE_TRY(value.bytes, InKey(key, ReadBytes(GgufTypeBytes(value.type), "value")));
    if (value.type == GgufType::kBool) LEDGE_CHECK_OK(CheckBools(key, value.bytes));
    return value;
  }

  Result<GgufValue> ReadArray(std::string_view key, GgufValue value) {
    LEDGE_TRY(value.element, ReadType(key, "array element type"));
    LEDGE_TRY(value.count, InKey(key, Read<uint64_t>("array length")));
    if (value.element == GgufType::kArray) {
      return MakeError(Code::kMalformed, "key '{}' is an array of arrays; arrays may not be nested",
                       Shown(key));
    }
    if (value.element == GgufType::kString) return ReadStrings(key, value);
    const auto size = CheckedMul(value.count, GgufTypeBytes(value.element));
    if (!size || *size > reader_.remaining()) {
      return MakeError(Code::kMalformed,
                       "key '{}': array length is {} {} but only {} bytes follow; {}", Shown(key),
                       value.count, GgufTypeName(value.element), reader_.remaining(), too_long_);
    }
    LEDGE_TRY(value.bytes, ReadBytes(*size, "array"));
    if (value.element == GgufType::kBool) LEDGE_CHECK_OK(CheckBools(key, value.bytes));
    return value;
  }

  // A vocabulary has some 100,000 strings, and a warm start walks it: hence no ByteReader inside
  // the loop.
  Result<GgufValue> ReadStrings(std::string_view key, GgufValue value) {
    const auto rest = bytes_.subspan(reader_.position());
    uint64_t at = 0;
    for (uint64_t i = 0; i < value.count; ++i) {
      uint64_t length = 0;
      if (rest.size() - at < sizeof(length)) return ShortString(key, i, value.count);
      std::memcpy(&length, rest.data() + at, sizeof(length));
      at += sizeof(length);
      if (rest.size() - at < length) return ShortString(key, i, value.count);
      at += length;
    }
    LEDGE_TRY(value.bytes, ReadBytes(at, "array of strings"));
    return value;
  }

  Error ShortString(std::string_view key, uint64_t index, uint64_t count) const {
    return MakeError(Code::kMalformed, "key '{}': string {} of {} reaches past the end; {}",
                     Shown(key), index, count, too_long_);
  }

  static Result<void> CheckBools(std::string_view key, std::span<const std::byte> bools) {
    const auto bad = std::ranges::find_if(bools, [](std::byte b) { return b > std::byte{1}; });
    if (bad == bools.end()) return {};
    return MakeError(Code::kMalformed, "key '{}' has a bool of value {}; it should be 0 or 1",
                     Shown(key), static_cast<unsigned>(*bad));
  }

  template <typename T>
  static Result<T> InKey(std::string_view key, Result<T> result) {
    if (result.ok()) return result;
    return std::move(result).WithContext(fmt::format("key '{}'", Shown(key)));
  }

  // Fills `order` with 0..count-1 sorted by name; a name that is there twice is an error.
  template <typename NameOf>
  static Result<void> SortNames(std::vector<uint32_t>& order, uint64_t count, std::string_view what,
                                NameOf name_of) {
    order.resize(count);
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::sort(order, {}, name_of);
    const auto twice = std::ranges::adjacent_find(order, {}, name_of);
    if (twice == order.end()) return {};
    return MakeError(Code::kMalformed, "{} '{}' is there twice; names should be unique", what,
                     Shown(name_of(*twice)));
  }

  Result<void> ReadAlignment() {
    constexpr std::string_view kKey = "general.alignment";
    const GgufValue* value = out_.Find(kKey);
    if (value == nullptr) return {};
    if (value->type != GgufType::kU32) {
      return MakeError(Code::kMalformed, "key '{}' is of type {}; it should be u32", kKey,
                       GgufTypeName(value->type));
    }
    const auto alignment = GgufElement<uint32_t>(*value, 0);
    if (!IsPowerOfTwo(alignment) || alignment < kMinGgufAlignment ||
        alignment > kMaxGgufAlignment) {
      return MakeError(Code::kMalformed,
                       "key '{}' is {}; it should be a power of two from {} to {}", kKey, alignment,
                       kMinGgufAlignment, kMaxGgufAlignment);
    }
    out_.alignment_ = alignment;
    return {};
  }

  Result<void> ReadTensors() {
    out_.tensors_.reserve(tensor_count_);
    for (uint64_t i = 0; i < tensor_count_; ++i) {
      GgufTensor tensor;
      LEDGE_TRY(tensor.name, ReadName(fmt::format("name of tensor {}", i)));
      if (auto read = ReadTensor(tensor); !read.ok()) {
        return std::move(read).WithContext(fmt::format("tensor '{}'", Shown(tensor.name)));
      }
      out_.tensors_.push_back(tensor);
    }
    return SortNames(out_.tensors_by_name_, tensor_count_, "tensor",
                     [this](uint32_t i) { return out_.tensors_[i].name; });
  }

  static Error UnknownType(uint32_t number) {
    const std::string_view name = ForeignTypeName(number);
    std::string known;
    for (const TypeInfo& info : AllTypes()) {
      if (info.can_decode) known += fmt::format("{}{}", known.empty() ? "" : ", ", info.name);
    }
    return MakeError(Code::kUnsupported,
                     "type is {}{}, which this build doesn't know; it should be one of {}", number,
                     name.empty() ? "" : fmt::format(" ({})", name), known);
  }

  // Everything of a tensor's description behind its name; `offset` is still relative to the data
  // section.
  Result<void> ReadTensor(GgufTensor& tensor) {
    LEDGE_TRY(tensor.n_dims, Read<uint32_t>("n_dims"));
    if (tensor.n_dims < 1 || tensor.n_dims > kMaxGgufDims) {
      return MakeError(Code::kMalformed, "n_dims is {}; it should be 1 to {}", tensor.n_dims,
                       kMaxGgufDims);
    }
    for (uint32_t i = 0; i < tensor.n_dims; ++i) {
      LEDGE_TRY(tensor.dims[i], Read<uint64_t>("dims"));
    }
    LEDGE_TRY(const uint32_t number, Read<uint32_t>("type"));
    LEDGE_TRY(tensor.offset, Read<uint64_t>("offset"));
    const TypeInfo* info = FindType(number);
    if (info == nullptr) return UnknownType(number);
    tensor.type = info->type;
    return MeasureTensor(*info, tensor);
  }

  // Sets `bytes`. Every product of dimensions is checked, also the number of values, which for
  // types below one byte a value could wrap although the bytes do not.
  static Result<void> MeasureTensor(const TypeInfo& info, GgufTensor& tensor) {
    std::optional<uint64_t> values = 1;
    for (uint32_t i = 0; i < tensor.n_dims; ++i) {
      if (tensor.dims[i] == 0) {
        return MakeError(Code::kMalformed, "dims[{}] is 0; it should be at least 1", i);
      }
      values = values ? CheckedMul(*values, tensor.dims[i]) : std::nullopt;
    }
    if (tensor.dims[0] % info.block_values != 0) {
      return MakeError(Code::kMalformed, "dims[0] is {}; for type {} it should be a multiple of {}",
                       tensor.dims[0], info.name, info.block_values);
    }
    const auto bytes =
        values ? CheckedMul(*values / info.block_values, info.block_bytes) : std::nullopt;
    if (!bytes) {
      return MakeError(
          Code::kMalformed,
          "dims {} x {} x {} x {} of type {} overflow 64 bits; the data should fit in the file",
          tensor.dims[0], tensor.dims[1], tensor.dims[2], tensor.dims[3], info.name);
    }
    tensor.bytes = *bytes;
    return {};
  }

  // Turns relative offsets into absolute ones and shows that all tensors lie side by side in the
  // file.
  Result<void> PlaceTensors() {
    out_.data_offset_ = AlignUp(reader_.position(), out_.alignment_);
    for (GgufTensor& tensor : out_.tensors_) {
      if (tensor.offset % out_.alignment_ != 0) {
        return MakeError(Code::kMalformed,
                         "tensor '{}': offset is {}; it should be a multiple of {}",
                         Shown(tensor.name), tensor.offset, out_.alignment_);
      }
      const auto begin = CheckedAdd(out_.data_offset_, tensor.offset);
      const auto end = begin ? CheckedAdd(*begin, tensor.bytes) : std::nullopt;
      if (!end || *end > file_size_) {
        return MakeError(
            Code::kMalformed,
            "tensor '{}': {} bytes at offset {} of the data (which begins at {}) reach past "
            "the file's end at {}; the file is truncated or the offset is wrong",
            Shown(tensor.name), tensor.bytes, tensor.offset, out_.data_offset_, file_size_);
      }
      tensor.offset = *begin;
    }
    return CheckOverlaps();
  }

  Result<void> CheckOverlaps() {
    std::vector<uint32_t> order(tensor_count_);
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::sort(order, {}, [this](uint32_t i) { return out_.tensors_[i].offset; });
    for (size_t i = 1; i < order.size(); ++i) {
      const GgufTensor& before = out_.tensors_[order[i - 1]];
      const GgufTensor& here = out_.tensors_[order[i]];
      if (before.offset + before.bytes > here.offset) {
        return MakeError(
            Code::kMalformed,
            "tensor '{}' at {} overlaps tensor '{}' at {} to {}; tensors should not share bytes",
            Shown(here.name), here.offset, Shown(before.name), before.offset,
            before.offset + before.bytes);
      }
    }
    return {};
  }

  std::span<const std::byte> bytes_;
  ByteReader reader_;
  std::string too_long_;  // what to say where something reaches past the end of `bytes_`
  uint64_t file_size_;
  GgufHeader& out_;
  uint64_t tensor_count_ = 0;
  uint64_t key_count_ = 0;
};

Result<GgufHeader> GgufHeader::Parse(std::span<const std::byte> bytes, uint64_t file_size,
                                     std::string_view file) {
  GgufHeader header;
  header.file_ = PrintableLine(file, 200);
  GgufParser parser(bytes, file_size, header);
  if (auto parsed = parser.Run(); !parsed.ok()) {
    return std::move(parsed).error().WithContext(header.file_);
  }
  return header;
}

}  // namespace ledge
