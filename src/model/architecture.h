// An architecture: one file of model/arch/, which defines `const Architecture
// kArchitecture_<name>`. The table of all of them is made from the file names
// (cmake/registry.cmake), so a new one is one new file.
#pragma once

#include <span>
#include <string_view>

#include "model/hyperparameters.h"
#include "model/model_spec.h"
#include "model/weights.h"

namespace ledge {

struct Architecture {
  std::string_view name;  // as general.architecture says it
  // Reads and checks the metadata and takes the tensors. Everything the executor will rely on is
  // checked here; tensors left over and the layers' places in the cache are the caller's business.
  Result<ModelSpec> (*build)(const Hyperparameters& numbers, TensorFinder& weights);
  bool encoder = false;  // gives embeddings and no text
};

std::span<const Architecture* const> AllArchitectures();
// Whether there is an encoder of this name.
bool IsEncoder(std::string_view architecture);

// Finds the architecture that the header names and builds the model's description. kUnsupported,
// naming it and those there are, if this build does not know it.
Result<ModelSpec> BuildSpec(TensorFinder& weights);

}  // namespace ledge
