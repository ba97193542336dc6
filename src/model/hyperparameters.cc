#include "model/hyperparameters.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace ledge {
namespace {

// Longer ones are no names; "general.architecture" becomes part of every key and message.
constexpr size_t kMaxArchitectureBytes = 64;
// Of an array with an entry a layer; no model has as many.
constexpr uint64_t kMaxCounts = 4096;

// Element `i` of an array, where it is an integer that fits.
std::optional<int64_t> IntegerAt(const GgufValue& array, uint64_t i) {
  switch (array.element) {
    case GgufType::kU8:
      return GgufElement<uint8_t>(array, i);
    case GgufType::kI8:
      return GgufElement<int8_t>(array, i);
    case GgufType::kU16:
      return GgufElement<uint16_t>(array, i);
    case GgufType::kI16:
      return GgufElement<int16_t>(array, i);
    case GgufType::kU32:
      return GgufElement<uint32_t>(array, i);
    case GgufType::kI32:
      return GgufElement<int32_t>(array, i);
    case GgufType::kI64:
      return GgufElement<int64_t>(array, i);
    case GgufType::kU64: {
      const auto number = GgufElement<uint64_t>(array, i);
      if (number > static_cast<uint64_t>(INT64_MAX)) return std::nullopt;
      return static_cast<int64_t>(number);
    }
    default:
      return std::nullopt;
  }
}

}  // namespace

Result<Hyperparameters> Hyperparameters::Of(const GgufHeader& header) {
  LEDGE_TRY(const std::string_view name, header.String("general.architecture"));
  if (name.empty() || name.size() > kMaxArchitectureBytes) {
    return header.Malformed(
        "general.architecture",
        fmt::format("has {} bytes; it should be a name like 'llama'", name.size()));
  }
  return Hyperparameters(header, std::string(name));
}

Error Hyperparameters::Malformed(std::string_view name, std::string_view problem) const {
  return header_->Malformed(Key(name), problem);
}

Error Hyperparameters::Unsupported(std::string_view name, std::string_view problem) const {
  Error error = Malformed(name, problem);
  error.code = Code::kUnsupported;
  return error;
}

Error Hyperparameters::OnlySupported(std::string_view name, std::string_view value,
                                     std::string_view only) const {
  return Unsupported(name, fmt::format("is {}; for architecture '{}' only {} is supported", value,
                                       PrintableLine(architecture_, 80), only));
}

Result<uint32_t> Hyperparameters::Count(std::string_view name, CountRange range) const {
  const GgufValue* const value = header_->Find(Key(name));
  if (value != nullptr && value->type == GgufType::kArray) {
    LEDGE_TRY(const std::vector<uint64_t> numbers, Integers(name, *value));
    const auto other =
        std::ranges::find_if(numbers, [&numbers](uint64_t number) { return number != numbers[0]; });
    if (numbers.empty() || other != numbers.end()) {
      return Unsupported(name, fmt::format("is an array of {}: layers that differ in it are not "
                                           "supported; it should be one number",
                                           value->count));
    }
    return InRange(name, range, numbers[0]);
  }
  LEDGE_TRY(const uint64_t number, header_->Unsigned(Key(name)));
  return InRange(name, range, number);
}

Result<uint32_t> Hyperparameters::InRange(std::string_view name, CountRange range,
                                          uint64_t number) const {
  if (number < range.least || number > range.most) {
    return Malformed(
        name, fmt::format("is {}; it should be from {} to {}", number, range.least, range.most));
  }
  return static_cast<uint32_t>(number);
}

Result<std::vector<uint64_t>> Hyperparameters::Integers(std::string_view name,
                                                        const GgufValue& array) const {
  if (array.count > kMaxCounts) {
    return Malformed(
        name, fmt::format("has {} entries; it should have at most {}", array.count, kMaxCounts));
  }
  std::vector<uint64_t> numbers;
  for (uint64_t i = 0; i < array.count; ++i) {
    const std::optional<int64_t> number = IntegerAt(array, i);
    if (!number || *number < 0) {
      return Malformed(name, fmt::format("has something else than a whole number from 0 up at {}; "
                                         "it should have such numbers only",
                                         i));
    }
    numbers.push_back(static_cast<uint64_t>(*number));
  }
  return numbers;
}

Result<std::vector<uint64_t>> Hyperparameters::IntegersIfThere(std::string_view name) const {
  const GgufValue* const value = header_->Find(Key(name));
  if (value == nullptr) return std::vector<uint64_t>();
  if (value->type != GgufType::kArray)
    return Malformed(name, "is no array; it should be one of whole numbers");
  return Integers(name, *value);
}

Result<std::vector<uint32_t>> Hyperparameters::Counts(std::string_view name, CountRange range,
                                                      uint32_t layers, uint32_t fallback) const {
  const GgufValue* const value = header_->Find(Key(name));
  if (value == nullptr || value->type != GgufType::kArray) {
    LEDGE_TRY(const uint32_t number, Count(name, range, fallback));
    return std::vector<uint32_t>(layers, number);
  }
  LEDGE_TRY(const std::vector<uint64_t> numbers, Integers(name, *value));
  if (numbers.size() != layers) {
    return Malformed(name, fmt::format("has {} entries; it should have one a layer, {}",
                                       numbers.size(), layers));
  }
  std::vector<uint32_t> counts;
  for (const uint64_t number : numbers) {
    LEDGE_TRY(const uint32_t count, InRange(name, range, number));
    counts.push_back(count);
  }
  return counts;
}

Result<uint32_t> Hyperparameters::Count(std::string_view name, CountRange range,
                                        uint32_t fallback) const {
  if (has(name)) return Count(name, range);
  if (fallback < range.least || fallback > range.most) {
    return Malformed(name, fmt::format("is missing, which means {}; it should be from {} to {}",
                                       fallback, range.least, range.most));
  }
  return fallback;
}

Result<double> Hyperparameters::Positive(std::string_view name) const {
  LEDGE_TRY(const double number, header_->Number(Key(name)));
  const auto narrow = static_cast<float>(number);
  if (!(narrow > 0) || !std::isfinite(narrow)) {
    return Malformed(name, fmt::format("is {}; it should be positive and finite", number));
  }
  return number;
}

Result<double> Hyperparameters::Positive(std::string_view name, double fallback) const {
  if (!has(name)) return fallback;
  return Positive(name);
}

}  // namespace ledge
