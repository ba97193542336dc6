// What a parsed header answers; how it is parsed stands in gguf.cc.
#include <algorithm>
#include <cmath>
#include <limits>

#include "gguf/gguf.h"

namespace ledge {
namespace {

// A whole number of any width: its value where it fits in 64 bits without a sign, else which side
// it is on.
struct Whole {
  bool is_whole = false;
  bool negative = false;
  uint64_t magnitude = 0;
};

template <typename T>
Whole WholeOf(const GgufValue& value) {
  const T number = GgufElement<T>(value, 0);
  if constexpr (std::is_signed_v<T>) {
    if (number < 0) return {true, true, uint64_t{0} - static_cast<uint64_t>(number)};
  }
  return {true, false, static_cast<uint64_t>(number)};
}

Whole ToWhole(const GgufValue& value) {
  switch (value.type) {
    case GgufType::kU8:
      return WholeOf<uint8_t>(value);
    case GgufType::kI8:
      return WholeOf<int8_t>(value);
    case GgufType::kU16:
      return WholeOf<uint16_t>(value);
    case GgufType::kI16:
      return WholeOf<int16_t>(value);
    case GgufType::kU32:
      return WholeOf<uint32_t>(value);
    case GgufType::kI32:
      return WholeOf<int32_t>(value);
    case GgufType::kU64:
      return WholeOf<uint64_t>(value);
    case GgufType::kI64:
      return WholeOf<int64_t>(value);
    default:
      return {};
  }
}

std::string_view Chars(const GgufValue& value) {
  return {reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size()};
}

// The position of `name` among `count` names sorted through `order`, or count.
template <typename NameOf>
size_t FindSorted(const std::vector<uint32_t>& order, std::string_view name, NameOf name_of) {
  const auto at = std::ranges::lower_bound(order, name, {}, name_of);
  return at != order.end() && name_of(*at) == name ? *at : order.size();
}

}  // namespace

const GgufTensor* GgufHeader::FindTensor(std::string_view name) const {
  const size_t at =
      FindSorted(tensors_by_name_, name, [this](uint32_t i) { return tensors_[i].name; });
  return at < tensors_.size() ? &tensors_[at] : nullptr;
}

const GgufValue* GgufHeader::Find(std::string_view key) const {
  const size_t at =
      FindSorted(keys_by_name_, key, [this](uint32_t i) { return metadata_[i].first; });
  return at < metadata_.size() ? &metadata_[at].second : nullptr;
}

Error GgufHeader::Malformed(std::string_view key, std::string_view problem) const {
  if (key_origins_ != nullptr) {
    const auto origin = key_origins_->find(key);
    if (origin != key_origins_->end())
      return MakeError(Code::kMalformed, "{} {}", origin->second, problem);
  }
  return MakeError(Code::kMalformed, "{}: key '{}' {}", file_, PrintableLine(key, 80), problem);
}

Error GgufHeader::Missing(std::string_view key, std::string_view wanted) const {
  return Malformed(key, fmt::format("is missing; it should hold {}", wanted));
}

Error GgufHeader::WrongType(std::string_view key, const GgufValue& value,
                            std::string_view wanted) const {
  if (value.type == GgufType::kArray) {
    return Malformed(key, fmt::format("is an array of {} {}; it should be {}", value.count,
                                      GgufTypeName(value.element), wanted));
  }
  return Malformed(key,
                   fmt::format("is of type {}; it should be {}", GgufTypeName(value.type), wanted));
}

Result<uint64_t> GgufHeader::Unsigned(std::string_view key) const {
  const GgufValue* value = Find(key);
  if (value == nullptr) return Missing(key, "a whole number");
  const Whole whole = ToWhole(*value);
  if (!whole.is_whole) return WrongType(key, *value, "a whole number");
  if (whole.negative) {
    return Malformed(key, fmt::format("is -{}; it should not be negative", whole.magnitude));
  }
  return whole.magnitude;
}

Result<uint64_t> GgufHeader::Unsigned(std::string_view key, uint64_t fallback) const {
  if (Find(key) == nullptr) return fallback;
  return Unsigned(key);
}

Result<double> GgufHeader::Number(std::string_view key) const {
  const GgufValue* value = Find(key);
  if (value == nullptr) return Missing(key, "a number");
  if (const Whole whole = ToWhole(*value); whole.is_whole) {
    const auto magnitude = static_cast<double>(whole.magnitude);
    return whole.negative ? -magnitude : magnitude;
  }
  double number = 0;
  if (value->type == GgufType::kF32) {
    number = static_cast<double>(GgufElement<float>(*value, 0));
  } else if (value->type == GgufType::kF64) {
    number = GgufElement<double>(*value, 0);
  } else {
    return WrongType(key, *value, "a number");
  }
  if (!std::isfinite(number)) {
    return Malformed(key, fmt::format("is {}; it should be a finite number", number));
  }
  return number;
}

Result<double> GgufHeader::Number(std::string_view key, double fallback) const {
  if (Find(key) == nullptr) return fallback;
  return Number(key);
}

Result<bool> GgufHeader::Bool(std::string_view key, bool fallback) const {
  const GgufValue* value = Find(key);
  if (value == nullptr) return fallback;
  if (value->type != GgufType::kBool) return WrongType(key, *value, "a bool");
  return GgufElement<uint8_t>(*value, 0) != 0;
}

Result<std::string_view> GgufHeader::String(std::string_view key) const {
  const GgufValue* value = Find(key);
  if (value == nullptr) return Missing(key, "a string");
  if (value->type != GgufType::kString) return WrongType(key, *value, "a string");
  return Chars(*value);
}

Result<std::string_view> GgufHeader::String(std::string_view key, std::string_view fallback) const {
  if (Find(key) == nullptr) return fallback;
  return String(key);
}

Result<const GgufValue*> GgufHeader::Array(std::string_view key, GgufType element) const {
  const GgufValue* value = Find(key);
  if (value == nullptr) return value;
  if (value->type != GgufType::kArray || value->element != element) {
    return WrongType(key, *value, fmt::format("an array of {}", GgufTypeName(element)));
  }
  return value;
}

}  // namespace ledge
