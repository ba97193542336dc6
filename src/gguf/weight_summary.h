// A model's weights in two words, for manifests and tables.
#pragma once

#include <cstdint>
#include <string>

#include "gguf/gguf.h"

namespace ledge {

struct WeightSummary {
  std::string quantisation;  // the type that holds most of the bytes, "Q4_K"; empty without tensors
  uint64_t parameters = 0;   // values in all tensors
};
WeightSummary SummariseWeights(const GgufHeader& header);

}  // namespace ledge
