// GBNF, the notation of llama.cpp's grammars -> a grammar's tree. Source: its grammars/README.md.
//
//   root  ::= "yes" | "no" [.!]? | list
//   list  ::= "[" item ("," item)* "]"   # a comment
//   item  ::= [a-z]{1,8}
#pragma once

#include <string_view>

#include "base/result.h"
#include "engine/grammar/syntax.h"

namespace ledge::grammar {

// The rule 'root' is what texts must match. kUsage, with line and column, for anything else than
// GBNF, for a rule that is missing or defined twice, and beyond a limit.
Result<Syntax> ParseGbnf(std::string_view text);

}  // namespace ledge::grammar
