// Token ids as users write them: a JSON array, or "1,2,3".
#pragma once

#include <string>
#include <vector>

#include "executor/executor.h"

namespace ledge {

inline constexpr size_t kMaxListedTokens = 1 << 24;

// kUsage with the place for anything that is no list of numbers from 0 to 2^31 - 1. `what` names
// it.
Result<std::vector<Token>> ParseTokens(const std::string& text, const std::string& what);

}  // namespace ledge
