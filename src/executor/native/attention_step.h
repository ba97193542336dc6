// Attention of one layer, over paged keys and values.
//
// Work is cut into blocks: some columns of one sequence, all query heads that share one KV head. A
// block walks over spans of kSpanTokens tokens at fixed absolute positions; a row's partials are
// merged in the order of the spans. With many blocks a thread does a whole block; with few, spans
// are tickets of their own and a second phase merges; so they are where sequences have pages in
// common (attention_split.h). All give the same bits, since each partial and each merge is the same
// call.
#pragma once

#include <span>

#include "executor/native/step_context.h"

namespace ledge {

// Reads scratch.query of `queries[i]` (a column) and writes row i of scratch.attended. `blocks`
// index `queries`. Ends its phases itself.
void AttendLayer(const StepContext& step, Worker& worker, size_t layer,
                 std::span<const uint32_t> queries, const BlockList& blocks);

}  // namespace ledge
