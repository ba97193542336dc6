// What Granite's architectures have in common.
#pragma once

#include "model/decoder_builder.h"

namespace ledge {

// BuildDecoder, and embedding_scale, residual_scale, attention.scale and logit_scale (a divisor).
Result<ModelSpec> BuildGranite(const Hyperparameters& numbers, TensorFinder& weights,
                               const DecoderPlan& plan);

}  // namespace ledge
