// What the conversions of Granite's dense models and mixtures share.
#pragma once

#include "hf/conversion.h"

namespace ledge {

// What multiplies embedding, scores and what a block adds, and divides the logits.
Result<void> CopyGraniteMultipliers(Conversion& conversion);

// "<from>input_linear", gate and up behind one another, and "<from>output_linear" become
// "<to>ffn_gate<suffix>", "ffn_up" and "ffn_down".
Result<void> TakeGraniteFeedForward(Conversion& conversion, const std::string& from,
                                    const std::string& to, std::string_view suffix);

}  // namespace ledge
