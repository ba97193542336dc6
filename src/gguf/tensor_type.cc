#include "gguf/tensor_type.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/checked.h"

namespace ledge {
namespace {

using enum TensorType;

// Sorted by number.
constexpr std::array kTypes = {
    TypeInfo{kF32, "F32", 1, 4, true},
    TypeInfo{kF16, "F16", 1, 2, true},
    TypeInfo{kQ4_0, "Q4_0", 32, 18, true},
    TypeInfo{kQ4_1, "Q4_1", 32, 20, true},
    TypeInfo{kQ5_0, "Q5_0", 32, 22, true},
    TypeInfo{kQ5_1, "Q5_1", 32, 24, true},
    TypeInfo{kQ8_0, "Q8_0", 32, 34, true},
    TypeInfo{kQ2_K, "Q2_K", 256, 84, true},
    TypeInfo{kQ3_K, "Q3_K", 256, 110, true},
    TypeInfo{kQ4_K, "Q4_K", 256, 144, true},
    TypeInfo{kQ5_K, "Q5_K", 256, 176, true},
    TypeInfo{kQ6_K, "Q6_K", 256, 210, true},
    TypeInfo{kIQ2_XXS, "IQ2_XXS", 256, 66, true},
    TypeInfo{kIQ2_XS, "IQ2_XS", 256, 74, true},
    TypeInfo{kIQ3_XXS, "IQ3_XXS", 256, 98, true},
    TypeInfo{kIQ1_S, "IQ1_S", 256, 50, true},
    TypeInfo{kIQ4_NL, "IQ4_NL", 32, 18, true},
    TypeInfo{kIQ3_S, "IQ3_S", 256, 110, true},
    TypeInfo{kIQ2_S, "IQ2_S", 256, 82, true},
    TypeInfo{kIQ4_XS, "IQ4_XS", 256, 136, true},
    TypeInfo{kI8, "I8", 1, 1, false},
    TypeInfo{kI16, "I16", 1, 2, false},
    TypeInfo{kI32, "I32", 1, 4, false},
    TypeInfo{kI64, "I64", 1, 8, false},
    TypeInfo{kF64, "F64", 1, 8, false},
    TypeInfo{kIQ1_M, "IQ1_M", 256, 56, true},
    TypeInfo{kBF16, "BF16", 1, 2, true},
    TypeInfo{kTQ1_0, "TQ1_0", 256, 54, true},
    TypeInfo{kTQ2_0, "TQ2_0", 256, 66, true},
    TypeInfo{kMXFP4, "MXFP4", 32, 17, true},
};

bool EqualFolded(std::string_view a, std::string_view b) {
  return std::ranges::equal(
      a, b, [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

}  // namespace

std::span<const TypeInfo> AllTypes() { return kTypes; }

const TypeInfo* FindType(uint32_t number) {
  const auto at = std::ranges::lower_bound(
      kTypes, number, {}, [](const TypeInfo& info) { return static_cast<uint32_t>(info.type); });
  return at != kTypes.end() && static_cast<uint32_t>(at->type) == number ? &*at : nullptr;
}

const TypeInfo& Info(TensorType type) { return *FindType(static_cast<uint32_t>(type)); }

std::optional<TensorType> TypeByName(std::string_view name) {
  for (const TypeInfo& info : kTypes) {
    if (EqualFolded(info.name, name)) return info.type;
  }
  return std::nullopt;
}

std::optional<uint64_t> RowBytes(TensorType type, uint64_t values) {
  const TypeInfo& info = Info(type);
  if (values % info.block_values != 0) return std::nullopt;
  return CheckedMul(values / info.block_values, info.block_bytes);
}

}  // namespace ledge
