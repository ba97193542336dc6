#include "tokenizer/charsmap.h"

#include <cstring>

namespace ledge {
namespace {

constexpr uint32_t kLabelMask = 0x800000FF;  // bit 31 marks a value, which is no label
constexpr uint32_t kHasValue = 1U << 8;
constexpr uint32_t kValueMask = 0x7FFFFFFF;

uint32_t OffsetOf(uint32_t unit) { return (unit >> 10) << ((unit & (1U << 9)) >> 6); }

}  // namespace

Result<Charsmap> Charsmap::Open(std::span<const std::byte> bytes) {
  Charsmap map;
  if (bytes.empty()) return map;
  uint32_t length = 0;
  if (bytes.size() > kMaxCharsmapBytes || bytes.size() < sizeof(length)) {
    return MakeError(Code::kMalformed, "has {} bytes; it should have {} to {}", bytes.size(),
                     sizeof(length), kMaxCharsmapBytes);
  }
  std::memcpy(&length, bytes.data(), sizeof(length));
  const auto rest = bytes.subspan(sizeof(length));
  if (length == 0 || length % sizeof(uint32_t) != 0 || length > rest.size()) {
    return MakeError(Code::kMalformed,
                     "says that {} bytes of units follow; it should be a multiple of 4, up to {}",
                     length, rest.size());
  }
  map.units_ = rest.first(length);
  const auto texts = rest.subspan(length);
  map.replacements_ = {reinterpret_cast<const char*>(texts.data()), texts.size()};
  if (!map.replacements_.empty() && map.replacements_.back() != '\0') {
    return MakeError(Code::kMalformed, "ends inside a replacement; each should end in a zero");
  }
  return map;
}

// No label is 0x100, so what lies outside is nobody's child.
uint32_t Charsmap::Unit(size_t index) const {
  if (index >= units_.size() / sizeof(uint32_t)) return kValueMask;
  uint32_t unit = 0;
  std::memcpy(&unit, units_.data() + index * sizeof(unit), sizeof(unit));
  return unit;
}

Charsmap::Match Charsmap::Find(std::string_view text) const {
  Match match;
  if (units_.empty()) return match;
  size_t at = OffsetOf(Unit(0));
  for (size_t i = 0; i < text.size(); ++i) {
    const auto label = static_cast<unsigned char>(text[i]);
    at ^= label;
    if (label == 0 || at >= units_.size() / sizeof(uint32_t)) break;
    const uint32_t unit = Unit(at);
    if ((unit & kLabelMask) != label) break;
    at ^= OffsetOf(unit);
    if ((unit & kHasValue) == 0) continue;
    const uint32_t place = Unit(at) & kValueMask;
    if (place >= replacements_.size()) continue;
    const std::string_view behind = replacements_.substr(place);
    match = {i + 1, behind.substr(0, behind.find('\0'))};
  }
  return match;
}

}  // namespace ledge
