#include "model/weights.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <span>
#include <string>

#include "pack/plan.h"
#include "quant/quant.h"

namespace ledge {
namespace {

std::string ShapeOf(const GgufTensor& tensor) {
  std::string shape = fmt::format("{}", tensor.dims[0]);
  for (uint32_t i = 1; i < tensor.n_dims; ++i) shape += fmt::format(" x {}", tensor.dims[i]);
  return shape;
}

std::string ShapeText(const TensorShape& shape) {
  const auto [cols, rows, count] = shape;
  if (count != 1) return fmt::format("{} x {} x {}", cols, rows, count);
  return rows == 1 ? fmt::format("{}", cols) : fmt::format("{} x {}", cols, rows);
}

// "F32, F16, Q4_0, ..."
std::string MultipliableTypes() {
  std::string names;
  for (const TypeInfo& info : AllTypes()) {
    if (FindPanelLayout(info.type) == nullptr) continue;
    if (!names.empty()) names += ", ";
    names += info.name;
  }
  return names;
}

}  // namespace

TensorFinder::TensorFinder(const PackedModel& packed)
    : packed_(&packed), header_(packed.header()), taken_(header_.tensors().size()) {}

TensorFinder::TensorFinder(const GgufHeader& header, const TensorOrigins* origins)
    : header_(header), origins_(origins), taken_(header.tensors().size()) {}

Error TensorFinder::Wrong(Code code, std::string_view name, std::string_view problem) const {
  return MakeError(code, "{}: tensor '{}' {}", header_.file(), PrintableLine(name, 80), problem);
}

Error TensorFinder::Misshapen(std::string_view name, const TensorShape& wanted) const {
  const auto origin = origins_ == nullptr ? std::nullopt : origins_->OriginOf(name, wanted);
  const GgufTensor* const tensor = header_.FindTensor(name);
  const std::string is = tensor == nullptr ? "missing" : ShapeOf(*tensor);
  if (!origin) {
    return Wrong(Code::kMalformed, name,
                 fmt::format("is {}; it should be {}", is, ShapeText(wanted)));
  }
  return MakeError(Code::kMalformed, "{}: tensor '{}' is {}; it should be {}", origin->file,
                   PrintableLine(origin->tensor, 80),
                   origin->shape.empty() ? "missing" : origin->shape, origin->wanted);
}

const PackedTensor* TensorFinder::Packed(const GgufTensor& tensor) const {
  return packed_ == nullptr ? nullptr : packed_->Find(tensor.name);
}

Result<const GgufTensor*> TensorFinder::Take(std::string_view name, uint64_t rows, uint64_t cols,
                                             uint64_t count) {
  const GgufTensor* tensor = header_.FindTensor(name);
  if (tensor == nullptr || tensor->dims[0] != cols || tensor->dims[1] != rows ||
      tensor->dims[2] != count || tensor->dims[3] != 1)
    return Misshapen(name, {cols, rows, count});
  taken_[static_cast<size_t>(tensor - header_.tensors().data())] = true;
  return tensor;
}

Result<PanelMatrix> TensorFinder::Panels(const GgufTensor& tensor, uint32_t rows,
                                         uint32_t cols) const {
  const PackedTensor* const packed = Packed(tensor);
  const TensorForm form = packed == nullptr ? FormOf(tensor) : packed->form;
  if (form == TensorForm::kPanels) {
    return PanelMatrix{tensor.type, rows, cols, packed == nullptr ? nullptr : packed->data.data()};
  }
  if (FindPanelLayout(tensor.type) == nullptr) {
    return Wrong(Code::kUnsupported, tensor.name,
                 fmt::format("is of type {}, which this build can't compute with; it can with {}",
                             Info(tensor.type).name, MultipliableTypes()));
  }
  return Wrong(Code::kUnsupported, tensor.name,
               fmt::format("is {} and was packed without panels; it should be a packed matrix, or "
                           "several of a multiple of {} rows each",
                           ShapeOf(tensor), kPanelRows));
}

Result<PanelMatrix> TensorFinder::Matrix(std::string_view name, uint32_t rows, uint32_t cols) {
  LEDGE_TRY(const GgufTensor* const tensor, Take(name, rows, cols));
  return Panels(*tensor, rows, cols);
}

Result<std::vector<PanelMatrix>> TensorFinder::Slices(std::string_view name,
                                                      std::vector<uint32_t> rows, uint32_t cols) {
  uint64_t all = 0;
  for (const uint32_t part : rows) all += part;
  LEDGE_TRY(const GgufTensor* const tensor, Take(name, all, cols));
  LEDGE_TRY(PanelMatrix rest, Panels(*tensor, static_cast<uint32_t>(all), cols));
  std::vector<PanelMatrix> slices;
  for (const uint32_t part : rows) {
    if (rest.rows != part && part % kPanelRows != 0) {
      return Wrong(Code::kUnsupported, name,
                   fmt::format("holds a matrix of {} rows before another; only multiples of {} are "
                               "supported there",
                               part, kPanelRows));
    }
    slices.push_back({rest.type, part, cols, rest.data});
    rest.rows -= part;
    if (rest.data != nullptr) rest.data += PanelCount(part) * rest.panel_bytes();
  }
  return slices;
}

Result<PanelMatrix> TensorFinder::Stack(std::string_view name, uint32_t count, uint32_t rows,
                                        uint32_t cols) {
  LEDGE_TRY(const GgufTensor* const tensor, Take(name, rows, cols, count));
  return Panels(*tensor, count * rows, cols);
}

Result<VectorWeights> TensorFinder::OptionalRows(std::string_view name, uint32_t rows,
                                                 uint32_t cols) {
  if (!has(name)) return VectorWeights{};
  return RowVectors(name, rows, cols);
}

Result<VectorWeights> TensorFinder::RowVectors(std::string_view name, uint32_t rows,
                                               uint32_t cols) {
  LEDGE_TRY(const GgufTensor* const tensor, Take(name, rows, cols));
  return Floats(*tensor, rows, cols);
}

Result<VectorWeights> TensorFinder::Columns(std::string_view name, uint32_t rows, uint32_t cols) {
  LEDGE_TRY(const GgufTensor* const tensor, Take(name, rows, cols));
  const size_t owned = vectors_.size();
  LEDGE_TRY(const VectorWeights floats, Floats(*tensor, rows, cols));
  if (floats.data == nullptr) return floats;
  std::vector<float> columns(floats.size);
  for (uint32_t row = 0; row < rows; ++row) {
    for (uint32_t col = 0; col < cols; ++col)
      columns[uint64_t{col} * rows + row] = floats.data[uint64_t{row} * cols + col];
  }
  vectors_.resize(owned);  // nobody needs the rows any more
  vectors_.push_back(std::move(columns));
  return VectorWeights{vectors_.back().data(), floats.size};
}

Result<VectorWeights> TensorFinder::Vector(std::string_view name, uint32_t size) {
  LEDGE_TRY(const GgufTensor* const tensor, Take(name, 1, size));
  return Floats(*tensor, 1, size);
}

Result<VectorWeights> TensorFinder::OptionalVector(std::string_view name, uint32_t size) {
  if (!has(name)) return VectorWeights{};
  return Vector(name, size);
}

Result<VectorWeights> TensorFinder::Floats(const GgufTensor& tensor, uint32_t rows, uint32_t cols) {
  const uint32_t size = rows * cols;
  if (!Info(tensor.type).can_decode) {
    return Wrong(
        Code::kUnsupported, tensor.name,
        fmt::format("is of type {}; a vector should be F32, F16 or BF16", Info(tensor.type).name));
  }
  const PackedTensor* const packed = Packed(tensor);
  if (packed == nullptr) return VectorWeights{nullptr, size};
  const float* data = nullptr;
  if (packed->form == TensorForm::kRaw && tensor.type == TensorType::kF32) {
    data = reinterpret_cast<const float*>(packed->data.data());
  } else {
    std::vector<float>& owned = vectors_.emplace_back(size);
    if (packed->form == TensorForm::kRaw) {
      DecodeRow(tensor.type, packed->data.data(), size, owned.data());
    } else {
      const PanelMatrix matrix = packed->matrix();
      for (uint32_t row = 0; row < rows; ++row) {
        FindPanelLayout(tensor.type)
            ->decode_row(matrix.data + row / kPanelRows * matrix.panel_bytes(), row % kPanelRows,
                         cols, owned.data() + uint64_t{row} * cols);
      }
    }
    data = owned.data();
  }
  const auto bad = std::find_if_not(data, data + size, [](float f) { return std::isfinite(f); });
  if (bad != data + size) {
    return Wrong(Code::kMalformed, tensor.name,
                 fmt::format("has the value {} at {}; all should be finite", *bad, bad - data));
  }
  return VectorWeights{data, size};
}

Result<uint32_t> TensorFinder::Rows(std::string_view name, uint32_t most) const {
  const GgufTensor* const tensor = header_.FindTensor(name);
  if (tensor == nullptr)
    return Wrong(Code::kMalformed, name, "is missing; every model of this kind has it");
  if (tensor->n_dims != 2 || tensor->dims[1] > most) {
    return Wrong(Code::kMalformed, name,
                 fmt::format("is {}; it should have 2 dimensions and at most {} rows",
                             ShapeOf(*tensor), most));
  }
  return static_cast<uint32_t>(tensor->dims[1]);
}

void TensorFinder::Ignore(std::string_view name) {
  const GgufTensor* const tensor = header_.FindTensor(name);
  if (tensor != nullptr) taken_[static_cast<size_t>(tensor - header_.tensors().data())] = true;
}

Result<void> TensorFinder::CheckAllTaken() const {
  const auto left = std::ranges::find(taken_, false);
  if (left == taken_.end()) return {};
  const GgufTensor& tensor = header_.tensors()[static_cast<size_t>(left - taken_.begin())];
  return Wrong(
      Code::kUnsupported, tensor.name,
      fmt::format(
          "({} of them are left over) is no part of this architecture as this build knows it; "
          "computing without it would give wrong results",
          std::ranges::count(taken_, false)));
}

}  // namespace ledge
