#include "hf/made_tensor.h"

#include <algorithm>
#include <cmath>

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
  const HfTensor* tensor;
  uint64_t row;
  uint64_t left;  // rows of the part from here on
};
Place Locate(const MadeTensor& made, uint64_t row) {
  for (const MadeTensor::Part& part : made.parts) {
    if (row < part.rows) return {part.tensor, part.first_row + row, part.rows - row};
    row -= part.rows;
  }
  return {nullptr, 0, 0};
}

// Converts rows of the checkpoint's type into the tensor's own.
Result<void> ConvertRows(const MadeTensor& made, const HfTensor& source, uint64_t rows,
                         const std::vector<std::byte>& in, std::vector<std::byte>& out) {
  const TensorType from = SameType(source.type);
  if (from == made.type && made.plus == 0) {
    out.insert(out.end(), in.begin(), in.end());
    return {};
  }
  const uint64_t row_in = made.row_values * SafetensorsTypeBytes(source.type);
  const uint64_t row_out = *RowBytes(made.type, made.row_values);
  std::vector<float> values(made.row_values);
  size_t at = out.size();
  out.resize(at + rows * row_out);
  for (uint64_t row = 0; row < rows; ++row, at += row_out) {
    DecodeRow(from, in.data() + row * row_in, values.size(), values.data());
    for (float& value : values) {
      value += made.plus;
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
    const Place place = Locate(made, SourceRow(made, first + done));
    const uint64_t rows = made.paired_rows == 0 ? std::min(place.left, count - done) : 1;
    const uint64_t row_bytes = made.row_values * SafetensorsTypeBytes(place.tensor->type);
    in.resize(rows * row_bytes);
    LEDGE_CHECK_OK(checkpoint.Read(*place.tensor, place.row * row_bytes, in));
    LEDGE_CHECK_OK(ConvertRows(made, *place.tensor, rows, in, out)
                       .WithContext(checkpoint.FileOf(*place.tensor)));
    done += rows;
  }
  return {};
}

}  // namespace ledge
