// How one family of models, as transformers names them, becomes one architecture of GGUF. One file
// a family in families/, found by its file's name (cmake/registry.cmake): a new one needs no change
// elsewhere.
#pragma once

#include <span>
#include <string_view>

#include "hf/conversion.h"

namespace ledge {

struct HfFamily {
  std::string_view architecture;             // general.architecture
  std::span<const std::string_view> models;  // of config.json's `architectures`
  // Writes keys, takes tensors. kMalformed and kUnsupported naming field or tensor.
  Result<void> (*convert)(Conversion& conversion);
  // Where models of a class are of several families: whether a configuration of it is of this one.
  Result<bool> (*is_for)(const HfConfig& config) = nullptr;
};

// Made from families/'s file names.
std::span<const HfFamily* const> AllHfFamilies();

// The family of a configuration; kUnsupported naming what is supported.
Result<const HfFamily*> FindHfFamily(const HfConfig& config);

}  // namespace ledge
