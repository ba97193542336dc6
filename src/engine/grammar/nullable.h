// What can be known of a grammar before it is compiled.
#pragma once

#include <vector>

#include "base/result.h"
#include "engine/grammar/syntax.h"

namespace ledge::grammar {

// Of every node whether it matches the empty text. kUsage if it can't be told within
// kMaxCompileSteps.
Result<std::vector<bool>> NullableNodes(const Syntax& syntax);

// kUsage, naming the rules, where one calls itself before any byte was matched.
Result<void> CheckLeftRecursion(const Syntax& syntax, const std::vector<bool>& nullable);

}  // namespace ledge::grammar
