// "[32, 48]": a shape as safetensors has it, outermost first.
#pragma once

#include <fmt/format.h>

#include <span>
#include <string>

namespace ledge {

inline std::string HfShapeText(std::span<const uint64_t> shape) {
  std::string text;
  for (const uint64_t dim : shape) text += fmt::format("{}{}", text.empty() ? "" : ", ", dim);
  return '[' + text + ']';
}

}  // namespace ledge
