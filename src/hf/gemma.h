// What Gemma 2's and 3's conversions share.
#pragma once

#include "hf/decoder.h"

namespace ledge {

struct HfGemma {
  std::span<const HfLayerName> attention;
  uint64_t divided_layers;  // of the one model whose scores are divided by width / heads
};

// Keys and tensors of the decoder: norms around every block that are added to one, sliding_window
// and, where layer_types lists them, the layers that slide; returns whether it did. kUnsupported if
// query_pre_attn_scalar is neither the length of a head nor, for the model of `divided_layers`
// layers, the width of the stream divided by the heads: that is all that the architectures know.
Result<bool> ConvertGemmaDecoder(Conversion& conversion, const HfGemma& gemma);

}  // namespace ledge
