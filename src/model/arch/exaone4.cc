// EXAONE 4: norms after each block, each head of query and key normalised. The 32B slides on three
// of four layers and rotates only there. Source: LG AI Research, EXAONE 4.0 (arXiv 2507.11407).
#include <algorithm>

#include "model/architecture.h"
#include "model/decoder_builder.h"

namespace ledge {
namespace {

Result<ModelSpec> BuildExaone4(const Hyperparameters& numbers, TensorFinder& weights) {
  LEDGE_TRY(ModelSpec spec,
            BuildDecoder(numbers, weights,
                         {.placement = NormPlacement::kAfter, .head_norms = HeadNorms::kEach}));
  LEDGE_TRY(const std::vector<bool> sliding, ReadSlidingLayers(numbers, 0, 4, spec));
  if (std::ranges::find(sliding, true) == sliding.end()) return spec;
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    if (!sliding[i]) spec.layers[i].attention.rope = kNoRope;
  }
  return spec;
}

}  // namespace

extern const Architecture kArchitecture_exaone4;
const Architecture kArchitecture_exaone4 = {"exaone4", &BuildExaone4};

}  // namespace ledge
