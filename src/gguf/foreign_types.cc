#include "gguf/foreign_types.h"

#include <algorithm>
#include <array>

namespace ledge {
namespace {

struct ForeignType {
  uint32_t number;
  std::string_view name;
};

constexpr std::array kForeign = {
    ForeignType{4, "Q4_2"},        ForeignType{5, "Q4_3"},        ForeignType{9, "Q8_1"},
    ForeignType{15, "Q8_K"},       ForeignType{31, "Q4_0_4_4"},   ForeignType{32, "Q4_0_4_8"},
    ForeignType{33, "Q4_0_8_8"},   ForeignType{36, "IQ4_NL_4_4"}, ForeignType{37, "IQ4_NL_4_8"},
    ForeignType{38, "IQ4_NL_8_8"}, ForeignType{40, "NVFP4"},      ForeignType{41, "Q1_0"},
    ForeignType{42, "Q2_0"},
};

}  // namespace

std::string_view ForeignTypeName(uint32_t number) {
  const auto* const found = std::ranges::find(kForeign, number, &ForeignType::number);
  return found == kForeign.end() ? std::string_view() : found->name;
}

}  // namespace ledge
