#include "hf/conversion.h"

#include <algorithm>
#include <numeric>

#include "base/checked.h"
#include "hf/mxfp4.h"
#include "hf/shape_text.h"

namespace ledge {
namespace {

std::string ShapeText(const HfTensor& tensor) { return HfShapeText(tensor.shape); }

// What follows says which shape a tensor of the checkpoint should have for the one that it becomes
// to have `made`.

// The same, in the checkpoint's order.
std::string AsItIs(const TensorShape& made) {
  if (made[2] != 1) return HfShapeText(std::array{made[2], made[1], made[0]});
  if (made[1] != 1) return HfShapeText(std::array{made[1], made[0]});
  return HfShapeText(std::array{made[0]});
}
// One of those that are stacked.
std::string OneOfAStack(const TensorShape& made) { return AsItIs({made[0], made[1], 1}); }
std::string OneDimension(const TensorShape& made) {
  return fmt::format("{} values along one dimension", made[0]);
}
std::string AnyShape(const TensorShape& made) {
  return fmt::format("of as many values as {}", AsItIs(made));
}

uint64_t Product(const std::vector<uint64_t>& dims) {
  return std::accumulate(dims.begin(), dims.end(), uint64_t{1}, std::multiplies<>());
}

// Matrices keep their type; vectors, biases of experts among them, are computed with as floats.
TensorType TypeOf(const HfTensor& tensor, std::string_view to, const HfChange& change = {}) {
  const bool floats = tensor.shape.size() == 1 || !to.ends_with(".weight") || change.plus != 0;
  return floats ? TensorType::kF32 : SameType(tensor.type);
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
void Conversion::NoteOrigin(std::string_view name, std::string_view field) {
  if (!field.empty()) key_origins_[Key(name)] = fmt::format("{}: {}", config_.file(), field);
}
void Conversion::PutCount(std::string_view name, uint64_t value, std::string_view field) {
  NoteOrigin(name, field);
  // What doesn't fit is beyond any model's limit, and stays so.
  writer_.AddNumber(Key(name), static_cast<uint32_t>(std::min<uint64_t>(value, UINT32_MAX)));
}
void Conversion::PutCounts(std::string_view name, const std::vector<uint64_t>& values,
                           std::string_view field) {
  NoteOrigin(name, field);
  std::vector<uint32_t> counts;
  for (const uint64_t value : values) {
    counts.push_back(static_cast<uint32_t>(std::min<uint64_t>(value, UINT32_MAX)));
  }
  writer_.AddNumbers<uint32_t>(Key(name), counts);
}
void Conversion::PutNumber(std::string_view name, double value, std::string_view field) {
  NoteOrigin(name, field);
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
  PutCount(name, value, field);
  return {};
}
Result<void> Conversion::CopyNumber(std::string_view field, std::string_view name) {
  LEDGE_TRY(const double value, config_.Number(field));
  PutNumber(name, value, field);
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

// One that is missing is told of when it is known which shape it should have, unless there are
// many: a configuration may ask for any number.
Result<void> Conversion::Lack(std::string to, MadeTensor::Origin origin) {
  if (lacking_.size() == kMaxLacking) return checkpoint_.Missing(lacking_[0].origin.tensor);
  lacking_.push_back({.name = std::move(to), .origin = std::move(origin)});
  return {};
}

// The tensor, if its type and shape are such that rows can be made of it; nullptr if it is missing.
Result<const HfTensor*> Conversion::Find(const std::string& name) {
  const HfTensor* const tensor = checkpoint_.Find(name);
  if (tensor == nullptr) return tensor;
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
  if (tensor == nullptr) return Lack(std::move(to), {from, AsItIs});
  MadeTensor made{.name = to,
                  .origin = {from, AsItIs},
                  .type = TypeOf(*tensor, to, change),
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
  made.parts.push_back({.tensor = tensor, .rows = rows, .row_step = made.row_values});
  made_.push_back(std::move(made));
  return {};
}

Result<void> Conversion::TakeBoth(const std::string& from, const std::string& to,
                                  const HfChange& change) {
  LEDGE_CHECK_OK(Take(from + ".weight", to + ".weight", change));
  HfChange bias = change;
  bias.needed = change.biased;
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
    const std::string from = fmt::format("{}{}{}", before, i, behind);
    LEDGE_TRY(const HfTensor* const tensor, Find(from));
    if (tensor == nullptr) return Lack(std::move(made.name), {from, OneOfAStack});
    if (first == nullptr) {
      first = tensor;
      made.origin = {from, OneOfAStack};
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
    made.parts.push_back({.tensor = tensor,
                          .rows = Product(tensor->shape) / made.row_values,
                          .row_step = made.row_values});
  }
  made.dims.push_back(count);
  made_.push_back(std::move(made));
  return {};
}

Result<void> Conversion::TakeRows(const std::string& from, std::string to,
                                  std::span<const HfRows> ranges) {
  LEDGE_TRY(const HfTensor* const tensor, Find(from));
  if (tensor == nullptr) return Lack(std::move(to), {from, AsItIs});
  const bool vector = tensor->shape.size() == 1;
  const uint64_t values = vector ? 1 : tensor->shape.back();
  MadeTensor made{
      .name = to, .origin = {from, AsItIs}, .type = TypeOf(*tensor, to), .row_values = values};
  const uint64_t rows = tensor->shape[0];
  uint64_t all = 0;
  for (const HfRows& range : ranges) {
    if (tensor->shape.size() > 2 || range.first > rows || range.count > rows - range.first) {
      return Wrong(*tensor, fmt::format("has the shape {}; it should be a matrix with {} rows from "
                                        "row {} on",
                                        ShapeText(*tensor), range.count, range.first));
    }
    made.parts.push_back(
        {.tensor = tensor, .first = range.first * values, .rows = range.count, .row_step = values});
    all += range.count;
  }
  if (all == 0) return Wrong(*tensor, "gives no rows; the configuration should ask for some");
  if (all != rows) {
    return Wrong(*tensor, fmt::format("has the shape {}; the configuration asks for {} rows of it, "
                                      "and it should have no others",
                                      ShapeText(*tensor), all));
  }
  made.dims = vector ? std::vector<uint64_t>{all} : std::vector<uint64_t>{values, all};
  made_.push_back(std::move(made));
  return {};
}

Result<void> Conversion::TakeSlice(const std::string& from, std::string to, const HfSlice& slice) {
  MadeTensor::Origin origin{from, [slice](TensorShape made) {
                              made[1] *= slice.parts;
                              if (slice.transposed) std::swap(made[0], made[1]);
                              return AsItIs(made);
                            }};
  LEDGE_TRY(const HfTensor* const tensor, Find(from));
  if (tensor == nullptr) return Lack(std::move(to), std::move(origin));
  std::vector<uint64_t> shape = tensor->shape;
  const bool stack = shape.size() == 3;
  if (!stack) shape.insert(shape.begin(), 1);
  const bool matrices = shape.size() == 3 && shape[0] <= kMaxHfParts;
  uint64_t rows = matrices ? shape[slice.transposed ? 2 : 1] : 0;
  const uint64_t values = matrices ? shape[slice.transposed ? 1 : 2] : 0;
  if (!matrices || rows % slice.parts != 0 || values > kMaxHfRowValues) {
    return Wrong(*tensor,
                 fmt::format("has the shape {}; it should be a matrix or up to {} of them, with "
                             "rows of up to {} values, their number a multiple of {}",
                             ShapeText(*tensor), kMaxHfParts, kMaxHfRowValues, slice.parts));
  }
  rows /= slice.parts;
  MadeTensor made{.name = to,
                  .origin = std::move(origin),
                  .type = TypeOf(*tensor, to),
                  .dims = {values, rows},
                  .row_values = values};
  if (stack) made.dims.push_back(shape[0]);
  const uint64_t row_step = slice.transposed ? 1 : values;
  for (uint64_t i = 0; i < shape[0]; ++i) {
    const uint64_t before = slice.part * (slice.interleaved ? 1 : rows);
    made.parts.push_back({.tensor = tensor,
                          .first = i * shape[1] * shape[2] + before * row_step,
                          .rows = rows,
                          .row_step = row_step * (slice.interleaved ? slice.parts : 1),
                          .value_step = slice.transposed ? shape[2] : 1});
  }
  made_.push_back(std::move(made));
  return {};
}

Result<void> Conversion::TakeEvery(const std::string& from, std::string to, uint64_t part,
                                   uint64_t parts) {
  MadeTensor::Origin origin{from, [parts](const TensorShape& made) {
                              return AsItIs({made[0] * parts, made[1], made[2]});
                            }};
  LEDGE_TRY(const HfTensor* const tensor, Find(from));
  if (tensor == nullptr) return Lack(std::move(to), std::move(origin));
  if (tensor->shape.size() != 2 || tensor->shape[1] % parts != 0) {
    return Wrong(*tensor,
                 fmt::format("has the shape {}; it should be a matrix with rows of a multiple of "
                             "{} values",
                             ShapeText(*tensor), parts));
  }
  const uint64_t values = tensor->shape[1] / parts;
  MadeTensor made{.name = to,
                  .origin = std::move(origin),
                  .type = TypeOf(*tensor, to),
                  .dims = {values, tensor->shape[0]},
                  .row_values = values};
  made.parts.push_back({.tensor = tensor,
                        .first = part,
                        .rows = tensor->shape[0],
                        .row_step = tensor->shape[1],
                        .value_step = parts});
  made_.push_back(std::move(made));
  return {};
}

Result<void> Conversion::TakeVector(const std::string& from, std::string to) {
  LEDGE_TRY(const HfTensor* const tensor, Find(from));
  if (tensor == nullptr) return Lack(std::move(to), {from, OneDimension});
  const uint64_t values = Product(tensor->shape);
  if (std::ranges::find(tensor->shape, values) == tensor->shape.end() || values > kMaxHfRowValues) {
    return Wrong(*tensor, fmt::format("has the shape {}; it should have up to {} values along one "
                                      "dimension",
                                      ShapeText(*tensor), kMaxHfRowValues));
  }
  MadeTensor made{.name = std::move(to),
                  .origin = {from, OneDimension},
                  .dims = {values},
                  .row_values = values};
  made.parts.push_back({.tensor = tensor, .rows = 1, .row_step = values});
  made_.push_back(std::move(made));
  return {};
}

Result<void> Conversion::TakeFloats(const std::string& from, std::string to,
                                    std::vector<uint64_t> dims, bool minus_exp) {
  LEDGE_TRY(const HfTensor* const tensor, Find(from));
  if (tensor == nullptr) return Lack(std::move(to), {from, AnyShape});
  std::optional<uint64_t> values = 1;
  for (const uint64_t dim : dims) values = values ? CheckedMul(*values, dim) : values;
  if (values != Product(tensor->shape) || dims[0] > kMaxHfRowValues) {
    return Wrong(*tensor, fmt::format("has the shape {}; it should have as many values as {}",
                                      ShapeText(*tensor), HfShapeText(Reversed(dims))));
  }
  const uint64_t row = dims[0];
  MadeTensor made{.name = std::move(to),
                  .origin = {from, AnyShape},
                  .dims = std::move(dims),
                  .row_values = row,
                  .minus_exp = minus_exp};
  made.parts.push_back({.tensor = tensor, .rows = *values / row, .row_step = row});
  made_.push_back(std::move(made));
  return {};
}

Result<const HfTensor*> Conversion::FindBytes(const std::string& name, size_t dims) {
  const HfTensor* const tensor = checkpoint_.Find(name);
  if (tensor == nullptr) return tensor;
  if (tensor->type != SafetensorsType::kU8 || tensor->shape.size() != dims) {
    return Wrong(*tensor, fmt::format("is {} {}; it should be U8 of {} dimensions, a part of MXFP4",
                                      SafetensorsTypeName(tensor->type), ShapeText(*tensor), dims));
  }
  MarkTaken(tensor);
  return tensor;
}

Result<void> Conversion::TakeMxfp4(const std::string& from, std::string to, uint64_t part,
                                   uint64_t parts) {
  const auto blocks = [parts](const TensorShape& made, size_t dims) {
    const uint64_t shape[] = {made[2], made[1] * parts, made[0] / kMxfp4BlockValues,
                              kMxfp4CodeBytes};
    return HfShapeText(std::span(shape).first(dims));
  };
  MadeTensor::Origin origin{from + "_blocks",
                            [blocks](const TensorShape& made) { return blocks(made, 4); }};
  LEDGE_TRY(const HfTensor* const codes, FindBytes(origin.tensor, 4));
  if (codes == nullptr) return Lack(std::move(to), std::move(origin));
  origin.tensor = from + "_scales";
  LEDGE_TRY(const HfTensor* const scales, FindBytes(origin.tensor, 3));
  if (scales == nullptr) {
    return Lack(std::move(to), {std::move(origin.tensor),
                                [blocks](const TensorShape& made) { return blocks(made, 3); }});
  }
  origin.tensor = codes->name;
  const std::vector<uint64_t>& shape = codes->shape;
  if (shape[0] > kMaxHfParts || shape[1] % parts != 0 || shape[3] != kMxfp4CodeBytes ||
      shape[2] > kMaxHfRowValues / kMxfp4BlockValues) {
    return Wrong(*codes, fmt::format("has the shape {}; it should be up to {} matrices of a "
                                     "multiple of {} rows, in blocks of {} bytes",
                                     ShapeText(*codes), kMaxHfParts, parts, kMxfp4CodeBytes));
  }
  if (!std::ranges::equal(scales->shape, std::span(shape).first(3))) {
    return Wrong(*scales, fmt::format("has the shape {}; it should have a scale for each block of "
                                      "'{}', which is {}",
                                      ShapeText(*scales), PrintableLine(codes->name, 80),
                                      ShapeText(*codes)));
  }
  const uint64_t rows = shape[1] / parts;
  const uint64_t row_bytes = shape[2] * kMxfp4CodeBytes;
  MadeTensor made{.name = std::move(to),
                  .origin = std::move(origin),
                  .type = TensorType::kMXFP4,
                  .dims = {shape[2] * kMxfp4BlockValues, rows, shape[0]},
                  .row_values = shape[2] * kMxfp4BlockValues};
  for (uint64_t i = 0; i < shape[0]; ++i) {
    made.parts.push_back({.tensor = codes,
                          .first = (i * shape[1] + part) * row_bytes,
                          .rows = rows,
                          .row_step = parts * row_bytes,
                          .scales = scales});
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
  // One under another name than it should have is better told of as missing.
  if (!lacking_.empty()) return {};
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
