// Gemma 3, its text part: Gemma 2 without soft caps on scores, heads of query and key normalised,
// five of six layers sliding and rotated by another base than the rest. Source: Gemma Team, Gemma 3
// (arXiv 2503.19786). The 27B scales scores as Gemma 2's does.
#include <cmath>

#include "model/architecture.h"
#include "model/decoder_builder.h"
#include "model/rope_metadata.h"

namespace ledge {
namespace {

Result<ModelSpec> BuildGemma3(const Hyperparameters& numbers, TensorFinder& weights) {
  LEDGE_TRY(ModelSpec spec, BuildDecoder(numbers, weights,
                                         {.placement = NormPlacement::kAround,
                                          .head_norms = HeadNorms::kEach,
                                          .activation = Nonlinearity::kGeluTanh}));
  spec.embedding_scale = std::sqrt(static_cast<float>(spec.width));
  constexpr std::string_view kLogits = "final_logit_softcapping";
  LEDGE_TRY(const double cap, numbers.header().Number(numbers.Key(kLogits), 0));
  if (cap != 0) {
    LEDGE_TRY(const double positive, numbers.Positive(kLogits));
    spec.logit_softcap = static_cast<float>(positive);
  }
  LEDGE_TRY(const std::vector<bool> sliding, ReadSlidingLayers(numbers, 0, 6, spec));
  LEDGE_TRY(Rope local, ReadLocalRope(numbers, spec.ropes[0].table.dims(), 10000));
  spec.ropes.push_back(std::move(local));
  constexpr size_t kLayersOf27B = 62;
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    AttentionSpec& attention = spec.layers[i].attention;
    attention.rope = sliding[i] ? 1 : 0;
    if (spec.layers.size() == kLayersOf27B)
      attention.scale = 1 / std::sqrt(static_cast<float>(spec.width / attention.heads));
  }
  return spec;
}

}  // namespace

extern const Architecture kArchitecture_gemma3;
const Architecture kArchitecture_gemma3 = {"gemma3", &BuildGemma3};

}  // namespace ledge
