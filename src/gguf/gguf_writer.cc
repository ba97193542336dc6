#include "gguf/gguf_writer.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "base/checked.h"
#include "gguf/gguf_magic.h"

namespace ledge {
namespace {

// The number of bytes of a tensor, or nothing if the shape is none.
std::optional<uint64_t> TensorBytes(TensorType type, std::span<const uint64_t> dims) {
  if (dims.empty() || dims.size() > kMaxGgufDims) return std::nullopt;
  std::optional<uint64_t> bytes = RowBytes(type, dims[0]);
  for (size_t i = 1; i < dims.size() && bytes; ++i) bytes = CheckedMul(*bytes, dims[i]);
  if (std::ranges::find(dims, uint64_t{0}) != dims.end()) return std::nullopt;
  return bytes;
}

}  // namespace

GgufSink SinkTo(PendingFile& file) {
  return [&file, offset = uint64_t{0}](std::span<const std::byte> bytes) mutable -> Result<void> {
    LEDGE_CHECK_OK(file.WriteAt(offset, bytes));
    offset += bytes.size();
    return {};
  };
}

GgufWriter::GgufWriter(GgufSink sink, uint32_t alignment)
    : sink_(std::move(sink)), alignment_(alignment) {
  if (alignment != kGgufDefaultAlignment) AddNumber<uint32_t>("general.alignment", alignment);
}

void GgufWriter::AppendBytes(std::span<const std::byte> bytes) {
  header_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

void GgufWriter::AppendString(std::string_view text) {
  Append<uint64_t>(text.size());
  AppendBytes(std::as_bytes(std::span(text)));
}

void GgufWriter::AddKey(std::string_view key, GgufType type) {
  AppendString(key);
  Append(static_cast<uint32_t>(type));
  ++keys_;
}

void GgufWriter::AddArrayKey(std::string_view key, GgufType element, uint64_t count) {
  AddKey(key, GgufType::kArray);
  Append(static_cast<uint32_t>(element));
  Append(count);
}

void GgufWriter::AddBool(std::string_view key, bool value) {
  AddKey(key, GgufType::kBool);
  Append<uint8_t>(value ? 1 : 0);
}

void GgufWriter::AddBools(std::string_view key, const std::vector<bool>& values) {
  AddArrayKey(key, GgufType::kBool, values.size());
  for (const bool value : values) Append<uint8_t>(value ? 1 : 0);
}

void GgufWriter::AddString(std::string_view key, std::string_view text) {
  AddKey(key, GgufType::kString);
  AppendString(text);
}

void GgufWriter::AddStrings(std::string_view key, std::span<const std::string> texts) {
  AddArrayKey(key, GgufType::kString, texts.size());
  for (const std::string& text : texts) AppendString(text);
}

void GgufWriter::AddValue(std::string_view key, const GgufValue& value) {
  if (value.type == GgufType::kArray) {
    AddArrayKey(key, value.element, value.count);
  } else {
    AddKey(key, value.type);
    if (value.type == GgufType::kString) Append<uint64_t>(value.bytes.size());
  }
  AppendBytes(value.bytes);
}

Result<void> GgufWriter::AddTensor(std::string_view name, TensorType type,
                                   std::span<const uint64_t> dims) {
  const auto bytes = TensorBytes(type, dims);
  const auto padded = bytes ? CheckedAlignUp(*bytes, alignment_) : std::nullopt;
  const auto total = padded ? CheckedAdd(data_bytes_, *padded) : std::nullopt;
  if (!total) {
    return MakeError(
        Code::kMalformed,
        "tensor '{}' can't be written: {} dimensions, rows of {} values; type {} takes 1 to {} "
        "dimensions and rows of a multiple of {}",
        PrintableLine(name, 80), dims.size(), dims.empty() ? 0 : dims[0], Info(type).name,
        kMaxGgufDims, Info(type).block_values);
  }
  tensors_.push_back({std::string(name), type, {dims.begin(), dims.end()}, data_bytes_, *bytes});
  data_bytes_ = *total;
  return {};
}

Result<void> GgufWriter::Begin() {
  const std::string metadata = std::exchange(header_, {});
  Append(kGgufMagic);
  Append(kGgufNewestVersion);
  Append<uint64_t>(tensors_.size());
  Append(keys_);
  header_ += metadata;
  for (const Announced& tensor : tensors_) {
    AppendString(tensor.name);
    Append(static_cast<uint32_t>(tensor.dims.size()));
    for (const uint64_t dim : tensor.dims) Append(dim);
    Append(static_cast<uint32_t>(tensor.type));
    Append(tensor.offset);
  }
  header_.resize(AlignUp(header_.size(), alignment_), '\0');
  const auto total = CheckedAdd(header_.size(), data_bytes_);
  if (!total) return MakeError(Code::kMalformed, "the tensors together overflow 64 bits");
  file_bytes_ = *total;
  const auto bytes = std::as_bytes(std::span(header_));
  if (auto parsed = GgufHeader::Parse(bytes, file_bytes_, "GGUF file to be written");
      !parsed.ok()) {
    return std::move(parsed).error();
  }
  LEDGE_CHECK_OK(sink_(bytes));
  header_ = {};
  begun_ = true;
  return {};
}

Result<void> GgufWriter::Write(std::span<const std::byte> data) {
  if (!begun_) return MakeError(Code::kInternal, "tensor data came before the header");
  while (!data.empty()) {
    if (current_ == tensors_.size()) {
      return MakeError(Code::kInternal, "{} bytes more than the announced tensors hold",
                       data.size());
    }
    const uint64_t wanted = tensors_[current_].bytes - written_;
    const auto piece = data.first(std::min<uint64_t>(wanted, data.size()));
    LEDGE_CHECK_OK(sink_(piece));
    written_ += piece.size();
    data = data.subspan(piece.size());
    if (written_ == tensors_[current_].bytes) LEDGE_CHECK_OK(Pad());
  }
  return {};
}

Result<void> GgufWriter::Pad() {
  static constexpr std::array<std::byte, kMaxGgufAlignment> kZeros{};
  const uint64_t padding = AlignUp(written_, alignment_) - written_;
  if (padding > 0) LEDGE_CHECK_OK(sink_(std::span(kZeros).first(padding)));
  ++current_;
  written_ = 0;
  return {};
}

Result<void> GgufWriter::Finish() {
  if (!begun_) return MakeError(Code::kInternal, "the file ended before its header");
  if (current_ == tensors_.size()) return {};
  return MakeError(Code::kInternal, "tensor '{}' ended at byte {} of {}", tensors_[current_].name,
                   written_, tensors_[current_].bytes);
}

}  // namespace ledge
