// What the conversions of Granite's dense models, mixtures and hybrids share.
#pragma once

#include "hf/conversion.h"

namespace ledge {

// What multiplies embedding, scores and what a block adds, and divides the logits.
Result<void> CopyGraniteMultipliers(Conversion& conversion);

// "<from>input_linear", gate and up behind one another, and "<from>output_linear" become
// "<to>ffn_gate<suffix>", "ffn_up" and "ffn_down".
Result<void> TakeGraniteFeedForward(Conversion& conversion, const std::string& from,
                                    const std::string& to, std::string_view suffix);

// The same of a layer's experts under "<from>block_sparse_moe." and, if it is there, of the one
// that all tokens share, under "<from>shared_mlp.".
Result<void> TakeGraniteExperts(Conversion& conversion, const std::string& from,
                                const std::string& to);

// The class of Granite 4's models, whatever they are.
inline constexpr std::string_view kGraniteHybridModel = "GraniteMoeHybridForCausalLM";

// Whether one of that class has recurrent layers or experts. Else it is a dense Granite.
Result<bool> IsGraniteHybrid(const HfConfig& config);

}  // namespace ledge
