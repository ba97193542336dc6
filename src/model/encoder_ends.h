// What encoders have in common beside their layers.
#pragma once

#include "model/decoder_builder.h"

namespace ledge {

// The norm of the embedding, the type of a first sentence (token_types' first row, which all tokens
// are taken for), and pooling_type. kUnsupported for another pooling than mean, first or last
// token.
Result<void> TakeEncoderEnds(const Hyperparameters& numbers, TensorFinder& weights,
                             ModelSpec& spec);

}  // namespace ledge
