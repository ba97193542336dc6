// OLMo 2 and 3: norms after each block instead of before, query and key normalised across all
// heads; OLMo 3 slides on three of four layers. Source: OLMo Team, 2 OLMo 2 Furious (arXiv
// 2501.00656).
#include <algorithm>

#include "model/architecture.h"
#include "model/decoder_builder.h"
#include "model/rope_metadata.h"

namespace ledge {
namespace {

Result<ModelSpec> BuildOlmo2(const Hyperparameters& numbers, TensorFinder& weights) {
  LEDGE_TRY(ModelSpec spec,
            BuildDecoder(numbers, weights,
                         {.placement = NormPlacement::kAfter, .head_norms = HeadNorms::kAll}));
  LEDGE_TRY(const std::vector<bool> sliding, ReadSlidingLayers(numbers, 0, 4, spec));
  if (std::ranges::find(sliding, true) == sliding.end()) return spec;
  LEDGE_TRY(const double base, numbers.Positive("rope.freq_base", 10000));
  LEDGE_TRY(Rope local, ReadLocalRope(numbers, spec.ropes[0].table.dims(), base));
  spec.ropes.push_back(std::move(local));
  for (size_t i = 0; i < spec.layers.size(); ++i)
    spec.layers[i].attention.rope = sliding[i] ? 1 : 0;
  return spec;
}

}  // namespace

extern const Architecture kArchitecture_olmo2;
const Architecture kArchitecture_olmo2 = {"olmo2", &BuildOlmo2};

}  // namespace ledge
