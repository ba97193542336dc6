// Builds the tables that a Tokenizer works from, once, at import.
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "tokenizer/vocab.h"

namespace ledge {

// One flat block (table_format.h), the same bytes for the same vocabulary on every machine.
// kMalformed for a vocabulary that contradicts itself: two tokens of the same text, a merge of
// tokens that are not there. Memory is bounded by vocab.h's limits.
Result<std::vector<std::byte>> BuildTables(const Vocab& vocab);

}  // namespace ledge
