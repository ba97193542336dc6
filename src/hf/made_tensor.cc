#include "hf/made_tensor.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "hf/mxfp4.h"
#include "quant/quant.h"

namespace ledge {
namespace {

// The row of the checkpoint's order that becomes row `row`.
uint64_t SourceRow(const MadeTensor& made, uint64_t row) {
  if (made.paired_rows == 0) return row;
  const uint64_t head = row / made.paired_rows;
  const uint64_t in_head = row % made.paired_rows;
  return head * made.paired_rows + in_head % 2 * (made.paired_rows / 2) + in_head / 2;
}

struct Place {
  const MadeTensor::Part* part;
  uint64_t row;  // of the part
};
Place Locate(const MadeTensor& made, uint64_t row) {
  const auto* part = made.parts.data();
  for (; row >= part->rows; ++part) row -= part->rows;
  return {part, row};
}

// Reads some values that lie `step` apart and gives take(index, bytes of the value) each.
template <typename Take>
Result<void> ReadEvery(const HfCheckpoint& checkpoint, const HfTensor& tensor, uint64_t first,
                       uint64_t count, uint64_t step, Take&& take) {
  const uint64_t size = SafetensorsTypeBytes(tensor.type);
  std::vector<std::byte> span(((count - 1) * step + 1) * size);
  LEDGE_CHECK_OK(checkpoint.Read(tensor, first * size, span));
  for (uint64_t i = 0; i < count; ++i) take(i, span.data() + i * step * size);
  return {};
}

// `count` rows of a part from `row` on, in the checkpoint's type, one behind the other.
Result<void> ReadRows(const HfCheckpoint& checkpoint, const MadeTensor::Part& part, uint64_t row,
                      uint64_t count, uint64_t row_values, std::vector<std::byte>& out) {
  const HfTensor& tensor = *part.tensor;
  const uint64_t size = SafetensorsTypeBytes(tensor.type);
  const uint64_t first = part.first + row * part.row_step;
  out.resize(count * row_values * size);
  if (part.value_step == 1 && (part.row_step == row_values || count == 1)) {
    return checkpoint.Read(tensor, first * size, out);
  }
  const auto put = [&](uint64_t to_row, uint64_t to_value, const std::byte* value) {
    std::memcpy(out.data() + (to_row * row_values + to_value) * size, value, size);
  };
  if (part.value_step > part.row_step) {
    for (uint64_t k = 0; k < row_values; ++k) {
      LEDGE_CHECK_OK(ReadEvery(checkpoint, tensor, first + k * part.value_step, count,
                               part.row_step,
                               [&](uint64_t at, const std::byte* value) { put(at, k, value); }));
    }
    return {};
  }
  for (uint64_t i = 0; i < count; ++i) {
    LEDGE_CHECK_OK(ReadEvery(checkpoint, tensor, first + i * part.row_step, row_values,
                             part.value_step,
                             [&](uint64_t at, const std::byte* value) { put(i, at, value); }));
  }
  return {};
}

// The same of a part that has scales, in blocks of MXFP4.
Result<void> ReadMxfp4Rows(const HfCheckpoint& checkpoint, const MadeTensor::Part& part,
                           uint64_t row, uint64_t count, uint64_t row_values,
                           std::vector<std::byte>& out) {
  const uint64_t blocks = row_values / kMxfp4BlockValues;
  std::vector<std::byte> codes(blocks * kMxfp4CodeBytes);
  std::vector<std::byte> scales(blocks);
  out.clear();
  for (uint64_t i = row; i < row + count; ++i) {
    const uint64_t first = part.first + i * part.row_step;
    LEDGE_CHECK_OK(checkpoint.Read(*part.tensor, first, codes));
    LEDGE_CHECK_OK(checkpoint.Read(*part.scales, first / kMxfp4CodeBytes, scales));
    AppendMxfp4(codes, scales, out);
  }
  return {};
}

// Converts rows of type `from` into the tensor's own.
Result<void> ConvertRows(const MadeTensor& made, TensorType from, const HfTensor& source,
                         uint64_t rows, const std::vector<std::byte>& in,
                         std::vector<std::byte>& out) {
  if (from == made.type && made.plus == 0 && !made.minus_exp) {
    out.insert(out.end(), in.begin(), in.end());
    return {};
  }
  const uint64_t row_in = *RowBytes(from, made.row_values);
  const uint64_t row_out = *RowBytes(made.type, made.row_values);
  std::vector<float> values(made.row_values);
  size_t at = out.size();
  out.resize(at + rows * row_out);
  for (uint64_t row = 0; row < rows; ++row, at += row_out) {
    DecodeRow(from, in.data() + row * row_in, values.size(), values.data());
    for (float& value : values) {
      value += made.plus;
      if (made.minus_exp) value = static_cast<float>(-std::exp(double{value}));
      if (!std::isfinite(value)) {
        return MakeError(Code::kMalformed,
                         "tensor '{}' holds a value that is not finite; weights should be numbers",
                         PrintableLine(source.name, 80));
      }
    }
    EncodeRow(made.type, values.data(), values.size(), out.data() + at);
  }
  return {};
}

}  // namespace

bool IsHfFloat(SafetensorsType type) {
  return type == SafetensorsType::kF32 || type == SafetensorsType::kF16 ||
         type == SafetensorsType::kBF16;
}

TensorType SameType(SafetensorsType type) {
  if (type == SafetensorsType::kF16) return TensorType::kF16;
  return type == SafetensorsType::kBF16 ? TensorType::kBF16 : TensorType::kF32;
}

Result<void> MakeRows(const HfCheckpoint& checkpoint, const MadeTensor& made, uint64_t first,
                      uint64_t count, std::vector<std::byte>& out) {
  if (made.parts.empty()) {
    const auto bytes = std::as_bytes(std::span(made.values));
    const uint64_t row = made.row_values * sizeof(float);
    const auto chosen = bytes.subspan(first * row, count * row);
    out.insert(out.end(), chosen.begin(), chosen.end());
    return {};
  }
  std::vector<std::byte> in;
  for (uint64_t done = 0; done < count;) {
    const auto [part, row] = Locate(made, SourceRow(made, first + done));
    const uint64_t rows =
        made.paired_rows == 0 ? std::min(part->rows - row, count - done) : uint64_t{1};
    const auto read = part->scales == nullptr ? &ReadRows : &ReadMxfp4Rows;
    LEDGE_CHECK_OK(read(checkpoint, *part, row, rows, made.row_values, in));
    const TensorType from =
        part->scales == nullptr ? SameType(part->tensor->type) : TensorType::kMXFP4;
    LEDGE_CHECK_OK(ConvertRows(made, from, *part->tensor, rows, in, out)
                       .WithContext(checkpoint.FileOf(*part->tensor)));
    done += rows;
  }
  return {};
}

}  // namespace ledge
