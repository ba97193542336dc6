// Names of the parts of a split GGUF file: PREFIX-00002-of-00003.gguf is the second of three.
// Source: llama.cpp's gguf-split, which also writes split.no, split.count and split.tensors.count
// into every part, and all other metadata into the first.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ledge {

inline constexpr uint32_t kMaxGgufParts = 1000;

struct SplitName {
  std::string prefix;  // with its folder
  uint32_t part = 0;   // from 0
  uint32_t count = 0;  // 1..kMaxGgufParts

  // The path of another part.
  std::string Path(uint32_t of_part) const;
};

// Nothing if `path` is not named like a part, or like the fifth of four.
std::optional<SplitName> ParseSplitName(std::string_view path);

}  // namespace ledge
