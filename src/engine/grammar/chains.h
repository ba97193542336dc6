// States that differ in nothing but how often something may still be repeated. A text of at most
// 300 characters is 300 states in a row; as long as its end is farther than the longest token, each
// of them allows what the others do.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/grammar/automaton.h"

namespace ledge::grammar {

struct Chain {
  uint64_t row = 0;   // which row of equal states this one is in: 2^32 and above
  uint32_t left = 0;  // how many steps of it, a byte or more each, are still to come; 0: in none
};

// Of every state.
std::vector<Chain> ChainsOf(const Automaton& automaton);

}  // namespace ledge::grammar
