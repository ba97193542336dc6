// What an encoder makes of given tokens.
#pragma once

#include <span>
#include <vector>

#include "executor/executor.h"

namespace ledge {

// The hidden states of all ids, pooled as the model says (the mean in double, in the order of the
// ids), not normalised. Errors: kUsage for a model that is no encoder, for no ids, an id outside
// the vocabulary, or more ids than one step or the context takes; kInterrupted when `stop` asked;
// and those of Executor::Step. Leaves no sequence behind.
Result<std::vector<float>> ComputeEmbedding(Executor& executor, std::span<const Token> ids,
                                            const StopFlag& stop);

}  // namespace ledge
