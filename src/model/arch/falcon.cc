// Falcon 7B and 40B: attention and a plain feed-forward side by side, on one layer norm or, in the
// 40B, each on its own. Source: Almazrouei et al., The Falcon Series (arXiv 2311.16867).
#include "model/architecture.h"
#include "model/decoder_builder.h"

namespace ledge {
namespace {

Result<ModelSpec> BuildFalcon(const Hyperparameters& numbers, TensorFinder& weights) {
  LEDGE_TRY(ModelSpec spec, BuildDecoder(numbers, weights,
                                         {.norm = NormKind::kLayer,
                                          .placement = NormPlacement::kBeforeBoth,
                                          .activation = Nonlinearity::kGelu,
                                          .gated = false}));
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    const std::string name = fmt::format("blk.{}.attn_norm_2", i);
    if (!weights.has(name + ".weight")) continue;
    LEDGE_TRY(spec.layers[i].attention_norm, TakeNorm(weights, NormKind::kLayer, name, spec.width));
  }
  return spec;
}

}  // namespace

extern const Architecture kArchitecture_falcon;
const Architecture kArchitecture_falcon = {"falcon", &BuildFalcon};

}  // namespace ledge
