#include "hf/conversion.h"

#include <algorithm>
#include <numeric>

namespace ledge {
namespace {

std::string ShapeText(const HfTensor& tensor) {
  std::string text;
  for (const uint64_t dim : tensor.shape)
    text += fmt::format("{}{}", text.empty() ? "" : ", ", dim);
  return '[' + text + ']';
}

uint64_t Product(const std::vector<uint64_t>& dims) {
  return std::accumulate(dims.begin(), dims.end(), uint64_t{1}, std::multiplies<>());
}

// Matrices keep their type; vectors are computed with as floats.
TensorType TypeOf(const HfTensor& tensor, const HfChange& change) {
  return tensor.shape.size() == 1 || change.plus != 0 ? TensorType::kF32 : SameType(tensor.type);
}

// GGUF counts dimensions from the row outwards.
std::vector<uint64_t> Reversed(const std::vector<uint64_t>& shape) {
  return {shape.rbegin(), shape.rend()};
}

}  // namespace

Conversion::Conversion(const HfConfig& config, const HfCheckpoint& checkpoint,
                       std::string_view architecture, GgufWriter& writer)
    : config_(config),
      checkpoint_(checkpoint),
      architecture_(architecture),
      writer_(writer),
      taken_(checkpoint.tensors().size()) {}

std::string Conversion::Key(std::string_view name) const {
  return architecture_ + "." + std::string(name);
}
void Conversion::PutCount(std::string_view name, uint64_t value) {
  writer_.AddNumber(Key(name), static_cast<uint32_t>(value));
}
void Conversion::PutNumber(std::string_view name, double value) {
  writer_.AddNumber(Key(name), static_cast<float>(value));
}
void Conversion::PutText(std::string_view name, std::string_view value) {
  writer_.AddString(Key(name), value);
}
void Conversion::PutBool(std::string_view name, bool value) { writer_.AddBool(Key(name), value); }
void Conversion::PutBools(std::string_view name, const std::vector<bool>& values) {
  writer_.AddBools(Key(name), values);
}

Result<void> Conversion::CopyCount(std::string_view field, std::string_view name) {
  LEDGE_TRY(const uint64_t value, config_.Count(field));
  PutCount(name, value);
  return {};
}
Result<void> Conversion::CopyNumber(std::string_view field, std::string_view name) {
  LEDGE_TRY(const double value, config_.Number(field));
  PutNumber(name, value);
  return {};
}
Result<void> Conversion::CopyNumberIfThere(std::string_view field, std::string_view name) {
  return config_.has(field) ? CopyNumber(field, name) : Result<void>();
}

Error Conversion::Wrong(const HfTensor& tensor, std::string_view problem) const {
  return MakeError(Code::kMalformed, "{}: tensor '{}' {}", checkpoint_.FileOf(tensor),
                   PrintableLine(tensor.name, 80), problem);
}

void Conversion::MarkTaken(const HfTensor* tensor) {
  taken_[static_cast<size_t>(tensor - checkpoint_.tensors().data())] = true;
}

// The tensor, if its type and shape are such that rows can be made of it.
Result<const HfTensor*> Conversion::Find(const std::string& name) {
  const HfTensor* const tensor = checkpoint_.Find(name);
  if (tensor == nullptr) {
    return MakeError(Code::kMalformed, "{}: tensor '{}' is missing; config.json asks for it",
                     PrintableLine(folder(), 400), PrintableLine(name, 80));
  }
  if (!IsHfFloat(tensor->type)) {
    return MakeError(
        Code::kUnsupported, "{}: tensor '{}' is of type {}; F32, F16 and BF16 can be read",
        checkpoint_.FileOf(*tensor), PrintableLine(name, 80), SafetensorsTypeName(tensor->type));
  }
  if (tensor->shape.empty() || tensor->shape.size() > kMaxGgufDims ||
      tensor->shape.back() > kMaxHfRowValues) {
    return Wrong(*tensor, fmt::format("has the shape {}; it should have 1 to {} dimensions, the "
                                      "last of at most {}",
                                      ShapeText(*tensor), kMaxGgufDims, kMaxHfRowValues));
  }
  MarkTaken(tensor);
  return tensor;
}

Result<void> Conversion::Take(const std::string& from, std::string to, const HfChange& change) {
  if (!change.needed && !has(from)) return {};
  LEDGE_TRY(const HfTensor* const tensor, Find(from));
  MadeTensor made{.name = std::move(to),
                  .type = TypeOf(*tensor, change),
                  .dims = Reversed(tensor->shape),
                  .row_values = tensor->shape.back(),
                  .plus = change.plus};
  uint64_t rows = Product(tensor->shape) / made.row_values;
  if (change.paired_rows > 0) {
    if (tensor->shape.size() == 1) std::swap(rows, made.row_values);
    if (rows % change.paired_rows != 0 || change.paired_rows % 2 != 0) {
      return Wrong(*tensor, fmt::format("has the shape {}; it should have rows of whole heads of "
                                        "{}, an even number",
                                        ShapeText(*tensor), change.paired_rows));
    }
    made.paired_rows = change.paired_rows;
  }
  made.parts.push_back({tensor, 0, rows});
  made_.push_back(std::move(made));
  return {};
}

Result<void> Conversion::TakeBoth(const std::string& from, const std::string& to,
                                  const HfChange& change) {
  LEDGE_CHECK_OK(Take(from + ".weight", to + ".weight", change));
  HfChange bias = change;
  bias.needed = false;
  return Take(from + ".bias", to + ".bias", bias);
}

Result<void> Conversion::Stack(std::string_view before, uint64_t count, std::string_view behind,
                               std::string to) {
  if (count == 0 || count > kMaxHfParts) {
    return MakeError(Code::kMalformed, "{}: {} experts are asked for; there should be 1 to {}",
                     config_.file(), count, kMaxHfParts);
  }
  MadeTensor made{.name = std::move(to)};
  const HfTensor* first = nullptr;
  for (uint64_t i = 0; i < count; ++i) {
    LEDGE_TRY(const HfTensor* const tensor, Find(fmt::format("{}{}{}", before, i, behind)));
    if (first == nullptr) {
      first = tensor;
      made.type = SameType(tensor->type);
      made.row_values = tensor->shape.back();
      made.dims = Reversed(tensor->shape);
    }
    if (tensor->shape != first->shape || tensor->type != first->type) {
      return Wrong(*tensor, fmt::format("is {} {}; it should be {} {}, as '{}'",
                                        SafetensorsTypeName(tensor->type), ShapeText(*tensor),
                                        SafetensorsTypeName(first->type), ShapeText(*first),
                                        PrintableLine(first->name, 80)));
    }
    made.parts.push_back({tensor, 0, Product(tensor->shape) / made.row_values});
  }
  made.dims.push_back(count);
  made_.push_back(std::move(made));
  return {};
}

Result<void> Conversion::TakeSlices(const std::string& from, std::string to, uint64_t part,
                                    uint64_t parts) {
  LEDGE_TRY(const HfTensor* const tensor, Find(from));
  if (tensor->shape.size() != 3 || tensor->shape[0] > kMaxHfParts ||
      tensor->shape[1] % parts != 0) {
    return Wrong(*tensor, fmt::format("has the shape {}; it should have three dimensions, the "
                                      "first up to {}, the second a multiple of {}",
                                      ShapeText(*tensor), kMaxHfParts, parts));
  }
  const uint64_t rows = tensor->shape[1] / parts;
  MadeTensor made{.name = std::move(to),
                  .type = SameType(tensor->type),
                  .dims = {tensor->shape[2], rows, tensor->shape[0]},
                  .row_values = tensor->shape[2]};
  for (uint64_t i = 0; i < tensor->shape[0]; ++i) {
    made.parts.push_back({tensor, i * tensor->shape[1] + part * rows, rows});
  }
  made_.push_back(std::move(made));
  return {};
}

void Conversion::AddVector(std::string name, std::vector<float> values) {
  const uint64_t count = values.size();
  made_.push_back(
      {.name = std::move(name), .dims = {count}, .row_values = count, .values = std::move(values)});
}

void Conversion::Ignore(std::string_view name) {
  if (const HfTensor* const tensor = checkpoint_.Find(name)) MarkTaken(tensor);
}

void Conversion::IgnorePrefix(std::string_view prefix) {
  for (const HfTensor& tensor : checkpoint_.tensors()) {
    if (tensor.name.starts_with(prefix)) MarkTaken(&tensor);
  }
}

Result<void> Conversion::CheckAllTaken() const {
  for (size_t i = 0; i < taken_.size(); ++i) {
    if (taken_[i]) continue;
    const HfTensor& tensor = checkpoint_.tensors()[i];
    return MakeError(Code::kUnsupported,
                     "{}: tensor '{}' has no place in the architecture {}; leaving it out would "
                     "change the answers",
                     checkpoint_.FileOf(tensor), PrintableLine(tensor.name, 80), architecture_);
  }
  return {};
}

}  // namespace ledge
