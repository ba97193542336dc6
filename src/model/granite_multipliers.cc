#include "model/granite_multipliers.h"

namespace ledge {

Result<ModelSpec> BuildGranite(const Hyperparameters& numbers, TensorFinder& weights,
                               const DecoderPlan& plan) {
  LEDGE_TRY(ModelSpec spec, BuildDecoder(numbers, weights, plan));
  LEDGE_TRY(spec.embedding_scale, ReadMultiplier(numbers, "embedding_scale"));
  LEDGE_TRY(spec.residual_scale, ReadMultiplier(numbers, "residual_scale"));
  LEDGE_TRY(const float divisor, ReadMultiplier(numbers, "logit_scale"));
  spec.logit_scale = 1 / divisor;
  if (!numbers.has("attention.scale")) return spec;
  LEDGE_TRY(const float scale, ReadMultiplier(numbers, "attention.scale"));
  for (LayerSpec& layer : spec.layers) layer.attention.scale = scale;
  return spec;
}

}  // namespace ledge
