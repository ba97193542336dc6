// A layer's state space mixer: projection, convolution over time, scan, norm.
//
// All columns go through the products together; the scan takes a sequence's columns one after
// another, head by head, so its bits don't depend on how a prompt was cut. It reads the state that
// the sequence has and writes those that its plan names (model/recurrent_state.h).
#pragma once

#include <span>

#include "executor/native/step_context.h"

namespace ledge {

// Mixes all columns of scratch.x, and writes row i of scratch.attended for `queries[i]`, a column.
// Where those are not all, the wanted columns of x move to the front. Ends its phases itself.
void MixLayer(const StepContext& step, Worker& worker, const LayerSpec& layer,
              std::span<const uint32_t> queries);

}  // namespace ledge
