// Which type each tensor has in the end, when the weights are quantised on the way in.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "hf/made_tensor.h"

namespace ledge {

// What --type may be: the floats, and the types that quant/ can encode. kUsage naming them for
// anything else.
Result<TensorType> ParseImportType(std::string_view name);

// Gives every matrix the wanted type. Vectors, biases, routers of experts, positions, token types
// and what a state space mixer has beside its two matrices keep theirs, unless all is to be F32:
// they are small and feel it most. So do matrices that
// the checkpoint has quantised already, unless the wanted type is a float or smaller. The output
// (the embedding where that is the output too) is Q6_K at least, as for llama.cpp's quantizer.
// Where rows are no whole blocks of the type, the matrix is Q8_0, and as it was where they are none
// of that either.
void ChooseTypes(TensorType wanted, std::vector<MadeTensor>& tensors);

}  // namespace ledge
