// What Gemma 2's and 3's conversions share.
#pragma once

#include "hf/decoder.h"

namespace ledge {

// query_pre_attn_scalar is the length of a head, but for the model of `divided_layers` layers,
// where it is the width of the stream divided by the heads: that is all that the architectures
// know. kUnsupported for anything else.
Result<void> CheckGemmaScale(const HfConfig& config, const HfShape& shape, uint64_t divided_layers);

}  // namespace ledge
