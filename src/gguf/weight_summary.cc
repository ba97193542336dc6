#include "gguf/weight_summary.h"

#include <algorithm>
#include <map>

namespace ledge {

WeightSummary SummariseWeights(const GgufHeader& header) {
  WeightSummary summary;
  std::map<TensorType, uint64_t> bytes_of;
  for (const GgufTensor& tensor : header.tensors()) {
    bytes_of[tensor.type] += tensor.bytes;
    summary.parameters += tensor.values();
  }
  const auto most =
      std::ranges::max_element(bytes_of, {}, [](const auto& entry) { return entry.second; });
  if (most != bytes_of.end()) summary.quantisation = Info(most->first).name;
  return summary;
}

}  // namespace ledge
